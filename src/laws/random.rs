//! Numbers that look random and are the same for the same seed, on every machine.

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): one addition and a mix.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of one thing among many: they do not depend on how many were drawn for the others.
    pub fn of(seed: u64, number: u64) -> Self {
        let base = Random(seed).next();
        Random(base.wrapping_add(number.wrapping_mul(0xD134_2543_DE82_EF95)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound; 0 below 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap_or(u64::MAX).max(1)).unwrap_or(0)
    }

    /// A number from one to another, both included.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most.saturating_sub(least).saturating_add(1))
    }

    /// A number of 128 bits from one to another, both included.
    pub(super) fn wide(&mut self, least: i128, most: i128) -> i128 {
        let count = most.saturating_sub(least).max(0).cast_unsigned().saturating_add(1);
        let drawn = (u128::from(self.next()) << 64 | u128::from(self.next())) % count;
        least.saturating_add(i128::try_from(drawn).unwrap_or(0))
    }

    /// Once in so many times.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of some things, if there are any.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// So many digits.
    pub(super) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| self.character(b"0123456789")).collect()
    }

    /// One of some ASCII characters.
    pub(super) fn character(&mut self, of: &[u8]) -> char {
        char::from(self.pick(of).copied().unwrap_or(b'0'))
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_published_numbers() {
        // The first outputs of SplitMix64 for the seed 1234567, as its reference implementation prints them.
        let mut random = Random(1_234_567);
        assert_eq!([random.next(), random.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn bounds_are_kept() {
        let mut random = Random::of(1, 2);
        for _ in 0..1000 {
            assert!((3..=5).contains(&random.between(3, 5)));
            assert!((-7..=9).contains(&random.wide(-7, 9)));
        }
        assert_eq!(random.below(0), 0);
        assert_eq!(random.pick::<u8>(&[]), None);
    }
}
