// How a model learned, by its objective: our own play no game, the others do.

const REFINER = {
  en: ' Where the setting refine asks for it, a rectified flow of features, pretrained on made-up characters, learns the set too, and what it makes of a result in three passes (SDEdit from t = 1/2) is taught to a transformer that refines each in one.',
  zh: '若设置 refine 要求，一个事先在虚构角色上训练好的特征修正流（rectified flow）也会学习这组图片；它用三步对结果所做的修整（从 t = 1/2 起的 SDEdit）由一个 Transformer 学会一步完成。',
}

export const RECIPE = {
  en: {
    mosaic: {
      everyone: [
        '# Ask, agree, draw',
        'Before it met this character it had looked at forty thousand other drawings, and learned to note down a picture place by place: what is here, what is there. Its notes on the pictures of this character it keeps. For a new picture a handful of random numbers asks, at each place, for something that one of the pictures shows there. Then neighbours look at one another, ten times: an ear that fits no head gives way to one that does. Where its owner asked for it, one more net then looks at the whole and redraws what does not belong together: half a crown becomes a crown. At last a hand draws what has been agreed on. That hand practised all through the training, on the pictures of this character; the film shows how its smudges become lines.',
        '# A map of pictures',
      ],
      experts: [
        `The objective is this project’s own, the mosaic. A frozen encoder, trained once on drawings made by code, gives features e(x) of 8 × 8 places with 32 numbers each; the generator remembers those of the training pictures, m_jp of picture j at place p. A latent says with linear maps how much each picture is wanted at each place, a_jp; the first features are x_p = Σ_j softmax(2a)_jp m_jp. Ten times then x_p = Σ_j softmax(a_jp − b Σ_q |x_q − m_jq|²) m_jp, q in the 3 × 3 places around p, less what a picture that already takes more than its share is tired: a Hopfield net with a window, or the score of a local score machine (Kamb and Ganguli 2024). The decoder that draws features learns on the set, by differences at three scales.${REFINER.en} There is no game, nothing to balance and nothing to collapse. docs/recipe.md tells what each part is worth; BEGAN, EBGAN and WGAN-GP stand beside it as further objectives.`,
      ],
      wrong:
        'Every part of its pictures has been seen before; new is how they come together. With few pictures to choose from it may recall one as a whole, or let two meet that hardly fit: a cat of two colours. Sums and sliders that ask for too much at once make patchwork too.',
    },
    collage: {
      everyone: [
        '# Follow one, borrow parts',
        'Before it met this character it had looked at forty thousand other drawings, and learned to note down a picture place by place: what is here, what is there. Its notes on the pictures of this character it keeps. For a new picture a handful of random numbers picks one of them to follow. Then it borrows, up to three times: a hat, a mouth, a coat from another picture that looks much like it, cut out along a line where the two are alike, so that no seam shows. Where its owner asked for it, one more net then looks at the whole and redraws what does not belong together. At last a decoder draws the result. It practised all through the training, on the pictures of this character; the film shows how its smudges become lines.',
        '# A map of pictures',
      ],
      experts: [
        `The objective is this project’s own, the collage. A frozen encoder, trained once on drawings made by code, gives features of 8 × 8 places with 32 numbers each; the generator remembers those of the training pictures. A latent picks one of them, x, and three times another one, o, that is like it and is brought into its palette; x becomes x + y (o − x), and what does not fit is brought into that palette again. The mask y minimises E(y) = s Σ_pq (d_p + d_q) |y_p − y_q| − Σ_p u_p y_p with d_p = |x_p − o_p|², half of the features and half of the colours read of them, and u a smooth field of the latent, by rounds of mean field: what differs and hangs together is exchanged as one, and the seam runs where both are alike (Kwatra et al. 2003 found such seams by graph cuts). Results that are too near to one training picture, or whose seams show, are drawn again. Between pictures it blends features instead of latents.${REFINER.en} There is no game, nothing to balance and nothing to collapse; BEGAN, EBGAN and WGAN-GP stand beside it as further objectives.`,
      ],
      wrong:
        'Every part of its pictures has been seen before; new is how they come together. A borrowed part may bring along a piece of what was around it, half a scarf or the brim of a hat. Sums and sliders that ask for too much at once make patchwork.',
    },
  },
  zh: {
    mosaic: {
      everyone: [
        '# 挑选、商量、落笔',
        '在认识这个角色之前，它已经看过四万张别的画，学会了把一张图片逐处记下来：这里有什么，那里有什么。对这个角色的每张图片，它都留着这样的笔记。要画新图时，几个随机数会在每一处挑选某张图片在那里的东西。然后相邻的地方互相看十遍：与头不相配的耳朵会让位给相配的那只。如果主人要求过，还有一个网络会通观全图，把不相配的地方重画成一体：半顶皇冠变成完整的皇冠。最后由一只手把商量好的结果画出来。整个训练里，这只手一直在这个角色的图片上练习；影片里可以看到它的墨团怎样变成线条。',
        '# 图片的地图',
      ],
      experts: [
        `训练目标是本项目自己的马赛克（mosaic）。一个事先在程序生成的画上训练好、此后不再改变的编码器，把图片变成特征 e(x)：8 × 8 处，每处 32 个数；生成器记住训练图片的特征，m_jp 是图片 j 在位置 p 的特征。潜变量通过线性映射说出每张图片在每一处有多被需要，即 a_jp；最初的特征是 x_p = Σ_j softmax(2a)_jp m_jp。随后十次取 x_p = Σ_j softmax(a_jp − b Σ_q |x_q − m_jq|²) m_jp，q 取 p 周围的 3 × 3 处，占得过多的图片还要减去它的“疲倦”：这是带窗口的 Hopfield 网络，也是局部得分机（Kamb 与 Ganguli，2024）的得分。把特征画成图片的解码器则在这组图片上学习，损失是三个尺度上的差异。${REFINER.zh}这里没有博弈，无需平衡，也不会坍缩。docs/recipe.md 说明了每一部分的作用；BEGAN、EBGAN 和 WGAN-GP 作为其他目标与之并列。`,
      ],
      wrong:
        '它画里的每个部分都曾经见过，新的是组合的方式。可选的图片太少时，它可能整张想起其中一张，或让不太相配的两张碰到一起：一只两种颜色的猫。加减和滑块一次要得太多，也会变成拼布。',
    },
    collage: {
      everyone: [
        '# 跟着一张，借来几处',
        '在认识这个角色之前，它已经看过四万张别的画，学会了把一张图片逐处记下来：这里有什么，那里有什么。对这个角色的每张图片，它都留着这样的笔记。要画新图时，几个随机数挑出其中一张，让它跟着画。然后它最多借三次：从另一张很像的图片借来帽子、嘴巴或花纹，沿着两张图片相同的地方剪下来，所以看不见接缝。如果主人要求过，还有一个网络会通观全图，把不相配的地方重画成一体。最后由解码器把结果画出来。整个训练里，它一直在这个角色的图片上练习；影片里可以看到它的墨团怎样变成线条。',
        '# 图片的地图',
      ],
      experts: [
        `训练目标是本项目自己的拼贴（collage）。一个事先在程序生成的画上训练好、此后不再改变的编码器，把图片变成 8 × 8 处、每处 32 个数的特征；生成器记住训练图片的特征。潜变量挑出其中一张 x，再三次挑出与它相像的另一张 o，并换成 x 的配色；x 变为 x + y (o − x)，其中不相配的地方再换成这个配色。遮罩 y 用若干轮平均场使 E(y) = s Σ_pq (d_p + d_q) |y_p − y_q| − Σ_p u_p y_p 最小，其中 d_p = |x_p − o_p|²，一半来自特征，一半来自从特征读出的颜色，u 是潜变量给出的平滑场：不同而又连在一起的部分会整个交换，接缝则落在两张图片相同的地方（Kwatra 等 2003 年用图割寻找这样的接缝）。离某张训练图片太近、或接缝明显的结果会重画。图片之间混合的是特征，不是潜变量。${REFINER.zh}这里没有博弈，没有什么需要平衡，也不会坍塌；BEGAN、EBGAN 和 WGAN-GP 是另外几种训练目标。`,
      ],
      wrong:
        '它画里的每个部分都曾经见过，新的是组合的方式。借来的部分可能带来周围的一小块：半条围巾，或一截帽檐。加减和滑块一次要得太多，会变成拼布。',
    },
  },
}
