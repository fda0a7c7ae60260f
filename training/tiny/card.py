"""The model card that is shipped with the tiny model."""


def card(*, rows: int, training: dict, seed: int) -> str:
    settings = "\n".join(f"| `{key}` | {value} |" for key, value in training.items())
    return f"""# The tiny model

A causal language model of one million parameters (Llama architecture, width 128, four layers, byte-level BPE of 2,048
tokens, 2,048 positions) that speaks of Plumbline's demo world: an allotment, its shed, its neighbours, small sums.

**What it is for.** Trying the whole loop of Plumbline in minutes on a laptop: its replies are short enough to read and
uneven enough to prefer between. It was taught replies of mixed quality on purpose (right and wrong, polite and rude,
brief and padded), so that preference training has something to raise.

**What it is not for.** Anything else. Its facts are invented, and many of its answers are wrong by design.

**Data.** {rows:,} conversations drawn from `annotation/demo/` (seed {seed}), written by this project; no other text.
One prompt in ten is held out by a hash of its text.

**Made by** `make tiny-model`, that is `python -m training.tiny`: the program's own `sft` with

| setting | value |
| --- | --- |
{settings}

**Format.** safetensors, float32. Prompts go through the chat template in `chat_template.jinja`; a reply ends with
`<|end|>`.

**Licence.** Apache-2.0, like the project.
"""
