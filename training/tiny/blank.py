"""The untrained tiny model: a byte-level tokenizer learnt from the world, and weights drawn from one seed."""

from itertools import islice
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from annotation.demo.corpus import conversations
from annotation.demo.english import COMMON

VOCABULARY = 2048
POSITIONS = 2048
SPECIAL = {
    "pad_token": "<|pad|>",
    "bos_token": "<|begin|>",
    "eos_token": "<|end|>",
}
ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}{{ eos_token }}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE: whole words of the world, common English words, and bytes for all the rest."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    bpe.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[*SPECIAL.values(), *ROLES],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bpe.train_from_iterator(_texts(), trainer=trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, chat_template=TEMPLATE, model_max_length=POSITIONS, padding_side="left", **SPECIAL
    )


def _texts():
    for prompt, reply in islice(conversations(0), 4000):
        yield f"{prompt}\n{reply}"
    for word in sorted(COMMON):  # common words of three letters and more become one token with their space
        yield " ".join(["", *[word] * 12])


def model(seed: int, vocabulary: int) -> LlamaForCausalLM:
    """One million parameters, most of them in four layers; the embedding is tied to the head."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=128,
        intermediate_size=288,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=POSITIONS,
        tie_word_embeddings=True,
        initializer_range=0.04,  # the usual 0.02 learns the sums in twice the time
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    return LlamaForCausalLM(config)


def write(folder: Path, *, seed: int) -> None:
    """A model folder (safetensors, tokenizer with chat template) that knows nothing yet."""
    words = tokenizer()
    blank = model(seed, len(words))
    blank.save_pretrained(folder, safe_serialization=True)
    words.save_pretrained(folder)
