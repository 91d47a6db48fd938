"""What a training job is asked for with: the body of OpenAI's `fine_tuning/jobs`, and Azure's additions to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftdecide.providers.training import CLIENT_TOKEN, JobRequest

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.fine_tuning import FineTuningJob
    from openai.types.fine_tuning.dpo_hyperparameters_param import DpoHyperparametersParam
    from openai.types.fine_tuning.job_create_params import Method
    from openai.types.fine_tuning.supervised_hyperparameters_param import SupervisedHyperparametersParam

    from ftdecide.providers.connection_facts import Connection

NO_SUCH_FILE = "file-ftdecide-asks-only"


def create(client: OpenAI, request: JobRequest, connection: Connection | None) -> FineTuningJob:
    """Ask for a training job; its client token goes along where the provider keeps such things."""
    from openai import omit

    keeps = connection is None or connection.job_metadata
    return client.fine_tuning.jobs.create(
        model=request.model,
        training_file=request.file_id,
        suffix=request.suffix,
        seed=request.seed,
        metadata={CLIENT_TOKEN: request.client_token} if keeps else omit,
        method=_method(request),
        extra_body=connection.job_options if connection and connection.job_options else None,
    )


def try_create(client: OpenAI, model: str, connection: Connection | None) -> None:
    """Ask for a job on a file that is not there: whoever may tune this model is refused because of the file alone.

    A server that takes it all the same is told at once to end the job, which has nothing to train on.
    """
    import openai

    asked = JobRequest(model=model, file_id=NO_SUCH_FILE, client_token="only-asked", suffix="asked", seed=0)  # noqa: S106 - no secret
    try:
        job = create(client, asked, connection)
    except (openai.BadRequestError, openai.NotFoundError, openai.UnprocessableEntityError) as error:
        if error.param != "training_file" and NO_SUCH_FILE not in str(error.body or error.message):
            raise
    else:
        client.fine_tuning.jobs.cancel(job.id)


def _method(request: JobRequest) -> Method:
    chosen: SupervisedHyperparametersParam = {
        "n_epochs": request.n_epochs,
        "batch_size": request.batch_size,
        "learning_rate_multiplier": request.learning_rate_multiplier,
    }
    if request.method == "supervised":
        return {"type": "supervised", "supervised": {"hyperparameters": chosen}}
    preferences: DpoHyperparametersParam = {
        "n_epochs": request.n_epochs,
        "batch_size": request.batch_size,
        "learning_rate_multiplier": request.learning_rate_multiplier,
        "beta": request.beta,
    }
    return {"type": "dpo", "dpo": {"hyperparameters": preferences}}
