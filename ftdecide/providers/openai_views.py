"""What OpenAI's answers say, in our words."""

from ftdecide.providers import base, training
from ftdecide.providers.openai_shapes import Chat, EmbeddingList, Job, LoggedCheckpoint, LoggedEvent


def state_of(job: Job) -> training.JobState:
    """Return where a job stands, in our words."""
    error = job.error.message if job.error else None
    return training.JobState(
        id=job.id, state=job.status, model=job.fine_tuned_model, trained_tokens=job.trained_tokens, error=error
    )


def event_of(event: LoggedEvent) -> training.TrainingEvent:
    """Return a line of a log, in our words."""
    data = event.data
    return training.TrainingEvent(
        id=event.id, message=event.message, step=data.step, total_steps=data.total_steps, loss=data.train_loss
    )


def checkpoint_of(kept: LoggedCheckpoint) -> training.Checkpoint:
    """Return a checkpoint, in our words."""
    losses = kept.metrics
    return training.Checkpoint(
        model=kept.fine_tuned_model_checkpoint,
        step=kept.step_number,
        train_loss=losses.train_loss,
        valid_loss=losses.valid_loss,
    )


def completion_of(answer: Chat, latency_ms: float) -> base.Completion:
    """Return an answer, in our words; a model that refuses has answered, with its refusal.

    Raises:
        ValueError: it holds no answer at all.
    """
    if not answer.choices:
        raise ValueError("no choices")
    choice, usage = answer.choices[0], answer.usage
    details, said = usage.prompt_tokens_details, choice.message
    text = said.content if said.content is not None else said.refusal
    return base.Completion(
        text=text or "",
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        latency_ms=latency_ms,
        finish_reason=choice.finish_reason or "stop",
        empty=text is None,
        cached_tokens=(details.cached_tokens if details else None) or 0,
    )


def vectors_of(answer: EmbeddingList, texts: int) -> tuple[tuple[float, ...], ...]:
    """Return the vectors in the order of the texts.

    Raises:
        ValueError: a text has none, or they differ in length.
    """
    by_index = {vector.index: vector.embedding for vector in answer.data}
    if sorted(by_index) != list(range(texts)) or len({len(vector) for vector in by_index.values()}) != 1:
        raise ValueError("not one vector for each text")
    return tuple(by_index[index] for index in range(texts))
