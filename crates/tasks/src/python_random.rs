//! The random choices of CPython, so that the original program's subsets and episodes can be drawn again.

/// Python's `random.Random` seeded with a whole number: the Mersenne Twister MT19937 and what CPython makes
/// of it.
#[derive(Clone, Debug)]
pub struct PythonRandom {
    state: [u32; SIZE],
    next: usize,
}

const SIZE: usize = 624;
const SHIFT: usize = 397;

impl PythonRandom {
    /// As after `random.seed(seed)`.
    pub fn new(seed: u64) -> Self {
        let low_first = [seed as u32, (seed >> 32) as u32];
        Self::from_key(if low_first[1] == 0 { &low_first[..1] } else { &low_first })
    }

    /// The generator's own seeding by an array.
    fn from_key(key: &[u32]) -> Self {
        let mut state = [0; SIZE];
        state[0] = 19_650_218;
        for i in 1..SIZE {
            state[i] = mixed(state[i - 1], 1_812_433_253).wrapping_add(i as u32);
        }
        let (mut i, mut j) = (1, 0);
        for _ in 0..SIZE.max(key.len()) {
            let word = key[j].wrapping_add(j as u32);
            state[i] = (state[i] ^ mixed(state[i - 1], 1_664_525)).wrapping_add(word);
            (i, j) = (step(&mut state, i), (j + 1) % key.len());
        }
        for _ in 1..SIZE {
            state[i] = (state[i] ^ mixed(state[i - 1], 1_566_083_941)).wrapping_sub(i as u32);
            i = step(&mut state, i);
        }
        state[0] = 1 << 31;
        Self { state, next: SIZE }
    }

    /// As `random.getrandbits(32)`.
    pub fn word(&mut self) -> u32 {
        if self.next == SIZE {
            self.twist();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn twist(&mut self) {
        for i in 0..SIZE {
            let both = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % SIZE] & 0x7fff_ffff);
            let odd = if both & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + SHIFT) % SIZE] ^ (both >> 1) ^ odd;
        }
        self.next = 0;
    }

    /// A number below `bound`, as `random.randrange(bound)` and the index of `random.choice`; 0 if there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound == 0 {
            return 0;
        }
        let bits = usize::BITS - bound.leading_zeros();
        loop {
            let drawn = self.bits(bits);
            if drawn < bound {
                return drawn;
            }
        }
    }

    /// As `random.getrandbits(bits)` of up to 64 bits: low words first, the last one from its top bits.
    fn bits(&mut self, bits: u32) -> usize {
        if bits <= 32 {
            return (self.word() >> (32 - bits)) as usize;
        }
        let low = self.word() as usize;
        low | ((self.word() >> (64 - bits)) as usize) << 32
    }

    /// Indices of `random.sample` of `count` out of `population`, in the order drawn; all of them if there
    /// are not more.
    pub fn sample(&mut self, population: usize, count: usize) -> Vec<usize> {
        let count = count.min(population);
        let mut small = 21;
        if count > 5 {
            small += powers_of_four_from(3 * count);
        }
        if population <= small {
            let mut pool: Vec<usize> = (0..population).collect();
            return (0..count).map(|i| pool.swap_remove(self.below(population - i))).collect();
        }
        let mut drawn: Vec<usize> = Vec::with_capacity(count);
        let mut taken = std::collections::BTreeSet::new();
        while drawn.len() < count {
            let index = self.below(population);
            if taken.insert(index) {
                drawn.push(index);
            }
        }
        drawn
    }

    /// As `random.shuffle`.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    /// The part of `count` training examples that the original takes: all indices shuffled, then the first
    /// `round(fraction * count)`, halves to even.
    pub fn subset(&mut self, count: usize, fraction: f64) -> Vec<usize> {
        let mut indices: Vec<usize> = (0..count).collect();
        self.shuffle(&mut indices);
        indices.truncate((fraction * count as f64).round_ties_even() as usize);
        indices
    }
}

/// The least power of four that is not below `number`.
fn powers_of_four_from(number: usize) -> usize {
    let mut power = 1;
    while power < number {
        power *= 4;
    }
    power
}

fn mixed(word: u32, factor: u32) -> u32 {
    (word ^ (word >> 30)).wrapping_mul(factor)
}

/// The index after `i`; at the end the last word is carried to the front.
fn step(state: &mut [u32; SIZE], i: usize) -> usize {
    if i + 1 < SIZE {
        return i + 1;
    }
    state[0] = state[SIZE - 1];
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    type Choices = (u64, [usize; 5], [usize; 6], [usize; 10], [usize; 10]);

    const CHOICES: [Choices; 4] = [
        (
            0,
            [12, 15, 6, 0, 4],
            [65, 62, 51, 38, 61, 45],
            [597, 223, 516, 142, 288, 143, 97, 633, 256, 545],
            [3, 7, 1, 8, 6, 5, 0, 4, 2, 9],
        ),
        (
            1,
            [4, 9, 13, 12, 1],
            [32, 15, 63, 97, 57, 60],
            [667, 388, 214, 96, 499, 29, 399, 443, 622, 2],
            [1, 6, 9, 5, 2, 0, 8, 3, 4, 7],
        ),
        (
            42,
            [3, 0, 11, 4, 15],
            [28, 17, 94, 13, 86, 69],
            [89, 604, 432, 32, 30, 95, 223, 238, 517, 616],
            [2, 1, 9, 7, 4, 6, 5, 3, 8, 0],
        ),
        (
            1_099_511_627_783,
            [15, 4, 9, 2, 8],
            [48, 66, 92, 46, 50, 56],
            [460, 381, 230, 455, 608, 184, 140, 543, 585, 166],
            [3, 9, 5, 8, 7, 2, 6, 1, 4, 0],
        ),
    ];

    #[test]
    fn words_are_those_of_python() {
        let mut random = PythonRandom::new(5);
        assert_eq!(
            [random.word(), random.word(), random.word()],
            [2_675_342_405, 1_097_127_993, 3_185_950_873]
        );
    }

    /// `random.sample(range(16), 5)`, `random.sample(range(100), 6)`, `random.sample(range(700), 10)` and a
    /// shuffle of ten.
    #[test]
    fn choices_are_those_of_python() {
        for (seed, few, some, many, shuffled) in CHOICES {
            let mut random = PythonRandom::new(seed);
            assert_eq!(random.sample(16, 5), few);
            assert_eq!(random.sample(100, 6), some);
            assert_eq!(random.sample(700, 10), many);
            let mut items: Vec<usize> = (0..10).collect();
            random.shuffle(&mut items);
            assert_eq!(items, shuffled);
        }
    }

    #[test]
    fn subsets_round_halves_to_even() {
        assert_eq!(PythonRandom::new(1).subset(20, 0.125), [11, 5]);
        assert_eq!(PythonRandom::new(1).subset(20, 0.175).len(), 4);
        assert!(PythonRandom::new(1).subset(0, 0.5).is_empty());
        assert_eq!(PythonRandom::new(1).subset(3, 2.0).len(), 3);
    }

    #[test]
    fn nothing_to_draw_from() {
        let mut random = PythonRandom::new(0);
        assert!(random.sample(0, 3).is_empty());
        assert_eq!(random.sample(2, 9).len(), 2);
        assert_eq!(random.below(0), 0);
    }
}
