// How a model learned, by its objective: the default recipe plays no game, the others do.

export const RECIPE = {
  en: {
    everyone: [
      '# Two lessons',
      'It learned from two lessons at once. In the first, every picture it was shown has a place of its own on a map, and it practises to draw that picture when it stands there. In the second, it is put down anywhere on the map and draws something; every small square of that drawing is then compared with a square of some real picture and corrected. So the lines must be real everywhere, but the whole may be something that was never there. The film shows how blobs grow ears, then faces.',
      '# A map of pictures',
    ],
    experts: [
      'The objective is this project’s default recipe. Codes: each training picture i keeps a latent z_i, learned with the generator under d(G(z_i + s_i e), x_i), as in GLO (Bojanowski et al. 2018). Patchwork: random latents from the prior, whose squares are each drawn to the real square that a one-to-one pairing gives them. Both lessons match, so there is no game and nothing to balance; the pairing is what keeps it from collapsing. Codes are kept at mean 0 and variance 1, so the prior is N(0, 1). docs/recipe.md tells what each part is worth; BEGAN, EBGAN and WGAN-GP stand beside it as further objectives.',
    ],
    wrong: 'With few pictures to learn from it may learn some of them by heart, or mix two of them into a blotch. And far from the middle of the map nobody has ever corrected it: colours go wild there. Push the boldness slider up and see.',
  },
  zh: {
    everyone: [
      '# 两门课',
      '它同时上两门课。第一门课里，它看过的每张图片在一张地图上都有自己的位置，它练习站在那里把这张图画出来。第二门课里，它被放到地图上的任意一处，随手画点什么；画里的每一小块都会与某张真图的一小块相比，再被纠正。于是处处的线条都必须是真的，整张图却可以是从未有过的。影片里可以看到墨团怎样长出耳朵，再长出脸来。',
      '# 图片的地图',
    ],
    experts: [
      '训练目标是本项目的默认配方。编码：每张训练图片 i 有一个潜变量 z_i，与生成器一起在 d(G(z_i + s_i e), x_i) 下学习，如 GLO（Bojanowski 等，2018）。拼布：从先验中随机取潜变量，所画图片的每个小方块被拉向一对一配对给它的真实方块。两门课都是匹配，因此没有博弈，也无需平衡；正是一对一的配对防止了坍缩。编码保持均值 0、方差 1，所以先验就是 N(0, 1)。docs/recipe.md 说明了每一部分的作用；BEGAN、EBGAN 和 WGAN-GP 作为其他目标与之并列。',
    ],
    wrong: '学习的图片太少时，它可能背下其中几张，或把两张混成一团。而离地图中心很远的地方从没有人纠正过它，那里的颜色会变得狂野。把“大胆程度”推上去看看吧。',
  },
}
