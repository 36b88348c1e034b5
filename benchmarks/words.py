"""What the made-up reviews are made of. No word here is a tag of any generator: `{{` and `{%` would run in some."""

from __future__ import annotations

from typing import TypedDict


class Lines(TypedDict):
    """The parts of a language's sentences."""

    shapes: list[str]
    things: list[str]
    tails: list[str]
    columns: list[str]


TAGS = """
    training inference serving compression parallelism quantization planning memory retrieval evaluation
    attention routing pruning distillation caching scheduling alignment preference safety robustness
    """.split()  # noqa: SIM905  # a list of twenty strings is no easier to read
TITLES = {
    "en": [
        "A close look at {0} with {2} nodes",
        "{0} meets {1}: what {2} runs say",
        'Why "{0}" is not {1}',
        "{2} questions on {0} & {1}",
    ],
    "zh": [
        "{0} 与 {1}：{2} 次实验说明了什么",
        "细读 {0}：第 {2} 篇笔记",
        "为什么“{0}”不等于 {1}",
        "关于 {0} 的 {2} 个问题",
    ],
}
HEADINGS = {
    "en": ["Why it matters", "The problem", "How it works", "What they measured", "Where it stops", "What I would try"],
    "zh": ["为什么重要", "问题是什么", "怎么做到的", "他们测了什么", "边界在哪里", "我会怎么试"],
}
LINES: dict[str, Lines] = {
    "en": {
        "shapes": [
            "{0} is compared with {1} on the same data, and {2} comes out ahead",
            "The authors keep {0} fixed, double {1} and watch {2}",
            "Without {0} the gain over {1} shrinks to that of {2}",
            "What {0} saves in time, {1} pays back in memory; {2} does neither",
            "The proof needs {0}, which holds for {1} but not for {2}",
            "Every step of {0} waits for {1}, so that {2} is the real limit",
            "One figure shows {0} against {1}; the text says little about {2}",
        ],
        "things": [
            "a small draft model",
            "the large verifier",
            "the cache of keys",
            "a longer context",
            "the reward model",
            "the planner",
            "a batch of forty requests",
            "the learning rate",
            "the ablation without search",
            "a second pass over the data",
            "the slowest worker",
            "the page table",
            "an honest baseline",
            "the gradient of the router",
            "a table of past answers",
        ],
        "tails": [
            ".",
            ".",
            ", as the second table shows.",
            "; the variance over five seeds is small.",
            ", at least on one machine.",
            "?",
        ],
        "columns": ["setup", "median (ms)", "gain"],
    },
    "zh": {
        "shapes": [
            "作者在同样的数据上比较了{0}和{1}，结果是{2}更好",
            "如果固定{0}、把{1}加倍，那么{2}会先到极限",
            "去掉{0}以后，相对{1}的提升只剩下{2}那么多",
            "{0}省下的时间，{1}要用内存来还，而{2}两样都不占",
            "证明需要{0}，它对{1}成立，对{2}却不成立",
            "{0}的每一步都在等{1}，真正的瓶颈其实是{2}",
            "有一张图画的是{0}与{1}，正文却很少谈到{2}",
        ],
        "things": [
            "小的草稿模型",
            "大的验证模型",
            "键值缓存",
            "更长的上下文",
            "奖励模型",
            "规划器",
            "四十个请求组成的一批",
            "学习率",
            "不带搜索的消融实验",
            "对数据的第二遍扫描",
            "最慢的那台机器",
            "页表",
            "一个诚实的基线",
            "路由器的梯度",
            "记录旧答案的表",
        ],
        "tails": [
            "。",
            "。",
            "，第二张表说明了这一点。",
            "；五个随机种子之间的差别很小。",
            "，至少在一台机器上是这样。",
            "？",
        ],
        "columns": ["设置", "中位数（毫秒）", "提升"],
    },
}
FORMULAS = (
    r"$O(n^{#} \log n)$",
    r"$1 - \alpha^{#}$",
    r"$\frac{1}{#} \sum_{i=1}^{n} w_i x_i$",
    r"$\pi_{#}(a \mid s)$",
    r"$\mathbb{E}[r] - # \, \mathrm{KL}(\pi, \pi_0)$",
    r"$\lVert W - \hat{W} \rVert_F^2 < #$",
    r"$\lambda < 10^{-#}$",
    r"$\sqrt{d_{#}}$",
    r"$x_{t+1} = x_t - # \nabla f(x_t)$",
    r"$p_{99} \le #\,\mathrm{ms}$",
)
DISPLAYS = (
    r"\mathrm{softmax}\left(\frac{Q K^\top}{\sqrt{d_{#}}}\right) V",
    r"\mathcal{L}(\theta) = -\sum_{t=1}^{#} \log \pi_\theta(a_t \mid s_t) \, \hat{A}_t",
    r"\Pr(\text{accept}) = \min\left(1, \frac{p(x_{#})}{q(x_{#})}\right)",
    r"T \ge \max_{i} \left( t_i + \frac{b_i}{#} \right)",
)
"""In each formula a number stands for `#`."""

CODE = (
    (
        "python",
        '''def accept(draft: list[int], scores: list[float]) -> int:
    """How many tokens of the draft the verifier keeps."""
    for kept, (token, score) in enumerate(zip(draft, scores)):
        if score < 0.5 and token != 0:
            return kept
    return len(draft)''',
    ),
    (
        "rust",
        """fn evict(cache: &mut Vec<Page>, limit: usize) -> usize {
    let before = cache.len();
    cache.retain(|page| page.hits > 0 && page.age < limit);
    before - cache.len() // freed
}""",
    ),
    (
        "sql",
        """SELECT model, count(*) AS runs, avg(seconds) AS mean
FROM results WHERE batch >= 8 AND note <> 'warm & fast'
GROUP BY model ORDER BY mean;""",
    ),
    (
        "bash",
        """set -eu
for size in 8 16 32; do
  ./serve --batch "$size" > "runs/$size.json" 2>&1
done""",
    ),
    (
        "json",
        """{"tool": "search", "query": "a < b && c > d", "limit": [1, 2.5, null],
 "url": "https://example.org/?a=1&b=2"}""",
    ),
)
