// The longer texts.  A line that starts with "# " is a heading.

export const ABOUT = {
  en: {
    everyone: [
      'Behind this page sits a small program that has learned to draw one kind of picture. Nobody told it what an ear or a tail is. It looked at a few hundred pictures, tried to draw, and was corrected, thousands of times.',
      '# Two players',
      'It learned by a game. One player, the painter, makes up pictures. The other, the critic, has to copy pictures by hand, and is good at copying only what looks like the real ones. The painter wins when the critic can copy its picture well: then the picture must look real. The critic wins by getting worse at copying the painter’s. As both get better, blobs grow ears, then faces. The film shows it.',
      '# A map of pictures',
      'The program turns a list of random numbers into a picture. Numbers that are close together give pictures that look alike, so the numbers are like places on a map. The corners show a piece of that map, the walk strolls across it, and the arithmetic takes a step from one place in the direction that leads from a second to a third.',
      '# When it goes wrong',
      'If the painter finds one picture that always pleases the critic, it may draw nothing else: that is called collapse. With few pictures to learn from it may also learn them by heart. And far from the middle of the map nobody has ever corrected it: colours go wild there. Drag a corner of the blend far enough and see.',
      'Everything runs on your own device. Nothing you do here is sent anywhere.',
    ],
    experts: [
      'The page runs a generator trained by this project on a few hundred pictures. The objective is named below. The reference objective is BEGAN (Berthelot, Schumm and Metz 2017): the discriminator D is an auto-encoder with L(v) = mean |v − D(v)|; D minimises L(x) − k L(G(z)), G minimises L(G(z)), and k follows k ← clip(k + λ (γ L(x) − L(G(z))), 0, 1) with λ = 0.001. M = L(x) + |γ L(x) − L(G(z))| measures convergence; γ trades variety (high) against smoothness (low).',
      '# Latents and links',
      'Every latent on this page is a weighted sum of seeded prior samples, three-number projections through one fixed Gaussian matrix, and named directions, all times the model’s truncation. The default recipe’s sums and directions are added to features instead, between memory and decoder, where they change what is asked and leave the rest. The sum is written into the address, so a link is the picture. The random numbers come from a 32-bit hash that Python and this page share; chonk draw --link draws a link there.',
      '# In the browser',
      'The generator is exported as a list of plain operations with weights of 4, 6 or 8 bits, 32 of which share a scale (as few as change the pictures by no more than one level of 255 in the mean, else 16-bit floats). The kernels are a few kilobytes of WebAssembly with SIMD, in height × width × channels layout, with Winograd’s F(4×4, 3×3) for the 3×3 convolutions and without fused multiply-add, so that every machine computes the same bits. They run in workers; dragging drops what is unfinished. A graphics card takes over where WebGPU finds a real one that draws the same pictures sooner.',
      '# What to look for',
      'Collapse shows as grid cells that repeat. Memorisation shows as walks that jump between finished pictures instead of passing through new ones. A corner’s numbers far beyond 1 lead out of the shell where latents of the prior lie.',
    ],
  },
  zh: {
    everyone: [
      '这个页面背后有一个小程序，它学会了画某一种图片。没有人告诉它什么是耳朵，什么是尾巴。它看了几百张图片，试着画，再被纠正，这样重复了成千上万次。',
      '# 两个玩家',
      '它是在一场游戏中学会的。一个玩家是画家，负责编出图片；另一个是评论家，要照着图片临摹，而且只擅长临摹像真图的东西。评论家能临摹好画家的图，画家就赢了：这说明图画得像真的。评论家则要故意临摹不好画家的图。两人越来越强，一团墨就长出耳朵，再长出脸来。影片里可以看到这一切。',
      '# 图片的地图',
      '程序把一串随机数变成一张图。相近的数给出相似的图，所以这些数就像地图上的地点。“四角”展示地图的一小块，“漫步”在上面散步，“加减”则是从一个地点出发，沿着从第二个地点到第三个地点的方向走一步。',
      '# 出错的时候',
      '如果画家发现某一张图总能让评论家满意，它可能就只画这一张了：这叫“坍缩”。学习的图片太少，它也可能把它们背下来。而离地图中心很远的地方从没有人纠正过它，那里的颜色会变得狂野。把过渡图的一个角拖得够远，就能看到。',
      '一切都在你自己的设备上运行。你在这里做的任何事都不会被发送出去。',
    ],
    experts: [
      '本页运行的是由本项目用几百张图片训练的生成器，训练目标见下方。参考目标是 BEGAN（Berthelot、Schumm、Metz，2017）：判别器 D 是自编码器，L(v) = mean |v − D(v)|；D 最小化 L(x) − k L(G(z))，G 最小化 L(G(z))，k ← clip(k + λ (γ L(x) − L(G(z))), 0, 1)，λ = 0.001。收敛度 M = L(x) + |γ L(x) − L(G(z))|；γ 高则多样，低则平滑。',
      '# 潜变量与链接',
      '本页的每个潜变量都是一个加权和：带种子的先验样本、经同一个固定高斯矩阵投影的三个数，以及有名字的方向，再整体乘以模型的截断系数。默认配方的加减和方向则加在记忆与解码器之间的特征上，在那里只改变所要求的，其余保持不变。这个和写在地址里，所以链接就是图片。随机数来自 Python 与本页共用的 32 位哈希；chonk draw --link 可以在 Python 里画出同一个链接。',
      '# 在浏览器里',
      '生成器被导出为一串简单的运算，权重为 4 位、6 位或 8 位整数，每 32 个共用一个比例（取使图片平均改变不超过 255 级中一级的最少位数，否则用 16 位浮点）。内核是几千字节带 SIMD 的 WebAssembly，按 高 × 宽 × 通道 排列，3×3 卷积用 Winograd 的 F(4×4, 3×3)，不用融合乘加，因此每台机器算出的比特都相同。它们在独立线程里运行；拖动时会丢弃未完成的请求。若 WebGPU 找到真正的显卡，画出同样的图片而且更快，就由它接手。',
      '# 该看什么',
      '坍缩表现为网格里重复的图片。死记硬背表现为漫步时在成品之间跳跃，而不是经过新的图片。角上的数远大于 1 时，潜变量就离开了先验样本所在的壳层。',
    ],
  },
}
