"""The loss of a tuning job, computed only where an answer stands."""

# torch and trl have no complete types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

import torch
from torch.nn.functional import cross_entropy
from trl.trainer.sft_trainer import SFTTrainer

_IGNORED = -100


class AnswerTrainer(SFTTrainer):
    """TRL's trainer, scoring only positions at which some row of the batch has a token of its answer.

    Without a graphics card TRL scores every position against the whole vocabulary and masks afterwards. Where prompts
    are much longer than answers that is a third of the time. The sum is the same.
    """

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,  # noqa: FBT001, FBT002 - name and place are the trainer's
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor | tuple[torch.Tensor, object]:
        """Return the mean negative log-likelihood, in nats, of the answers' tokens.

        Args:
            model: the network with its adapter.
            inputs: `input_ids`, `attention_mask` and `labels`, each of shape (rows, tokens); labels of -100 are prompt.
            return_outputs: give the model's outputs too, whose logits have shape (rows, scored positions, vocabulary).
            num_items_in_batch: answer tokens of the whole batch, of which `inputs` may be a part.
        """
        targets = inputs["labels"][:, 1:]
        scored = (targets != _IGNORED).any(dim=0).nonzero().squeeze(-1)
        outputs = model(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            use_cache=False,
            logits_to_keep=scored,
        )
        targets = targets[:, scored].flatten()
        total = cross_entropy(outputs.logits.flatten(0, 1), targets, ignore_index=_IGNORED, reduction="sum")
        count = (targets != _IGNORED).sum() if num_items_in_batch is None else num_items_in_batch
        loss = total / torch.as_tensor(count).clamp(min=1)
        return (loss, outputs) if return_outputs else loss
