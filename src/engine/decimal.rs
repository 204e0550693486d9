use std::{cmp::Ordering, fmt};

/// A number as money needs it: `coefficient / 10^scale`, at most 38 digits, never a float.
///
/// Comparison is by value (`1.0 == 1.00`); what is written keeps the digits that were read.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    /// All digits, with the sign.
    pub coefficient: i128,
    /// How many of them stand after the point.
    pub scale: u8,
}

/// How the digits that do not fit are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, a half to the even neighbour.
    HalfEven,
    /// To the nearest, a half away from zero.
    HalfUp,
    /// To the nearest, a half towards zero.
    HalfDown,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
    /// Towards plus infinity.
    Ceiling,
    /// Towards minus infinity.
    Floor,
}

/// The most digits a decimal can have.
pub const DIGITS_MAX: u32 = 38;

/// The most characters a decimal is written with: its digits, a zero before the point, the point and the sign.
pub(crate) const DIGITS_ROOM: usize = DIGITS_MAX as usize + 3;

const LIMIT: i128 = 10i128.pow(DIGITS_MAX) - 1;

impl Rounding {
    /// Every mode, with the name a mapping gives it.
    pub const ALL: [(&'static str, Rounding); 7] = [
        ("half-even", Rounding::HalfEven),
        ("half-up", Rounding::HalfUp),
        ("half-down", Rounding::HalfDown),
        ("up", Rounding::Up),
        ("down", Rounding::Down),
        ("ceiling", Rounding::Ceiling),
        ("floor", Rounding::Floor),
    ];

    /// The mode of a name.
    pub fn named(name: &str) -> Option<Rounding> {
        Rounding::ALL.iter().find(|(it, _)| *it == name).map(|(_, mode)| *mode)
    }

    /// Whether the last digit kept grows; `half` says how what is dropped lies to a half of it.
    fn is_away(self, is_exact: bool, half: Ordering, is_odd: bool, is_negative: bool) -> bool {
        match self {
            _ if is_exact => false,
            Rounding::HalfEven => half == Ordering::Greater || (half == Ordering::Equal && is_odd),
            Rounding::HalfUp => half != Ordering::Less,
            Rounding::HalfDown => half == Ordering::Greater,
            Rounding::Up => true,
            Rounding::Down => false,
            Rounding::Ceiling => !is_negative,
            Rounding::Floor => is_negative,
        }
    }
}

/// Digits with a point among them, eighteen at the most, as a number and its scale.
fn short(digits: &[u8]) -> Option<(u64, u8)> {
    let mut coefficient = 0_u64;
    let mut point = digits.len();
    for (at, byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            coefficient = coefficient * 10 + u64::from(digit);
        } else if *byte == b'.' && point == digits.len() && digits.len() > 1 {
            point = at;
        } else {
            return None;
        }
    }
    let scale = digits.len().saturating_sub(point + 1);
    (!digits.is_empty()).then_some((coefficient, u8::try_from(scale).ok()?))
}

/// `10^exponent`, if it has at most 38 digits.
fn power(exponent: u32) -> Option<i128> {
    (exponent < DIGITS_MAX).then(|| 10i128.pow(exponent))
}

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal { coefficient: 0, scale: 0 };

    /// A whole number.
    pub const fn integer(value: i128) -> Decimal {
        Decimal { coefficient: value, scale: 0 }
    }

    /// Reads `-12.340` or `+.5`: a sign, digits and at most one point with a digit on one side; at most 38 digits
    /// apart from leading zeros. No exponent, no blank.
    pub fn parse(text: &[u8]) -> Option<Decimal> {
        let (negative, digits) = match text.split_first()? {
            (b'-', rest) => (true, rest),
            (b'+', rest) => (false, rest),
            _ => (false, text),
        };
        // Most numbers have few digits: eighteen of them, with their point, fit into a word.
        if digits.len() <= 19
            && let Some((coefficient, scale)) = short(digits)
        {
            let coefficient = i128::from(coefficient);
            return Some(Decimal { coefficient: if negative { -coefficient } else { coefficient }, scale });
        }
        let mut coefficient: i128 = 0;
        let mut scale: Option<u8> = None;
        let mut any = false;
        for byte in digits {
            match byte {
                b'0'..=b'9' => {
                    any = true;
                    coefficient = coefficient.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                    if coefficient > LIMIT {
                        return None;
                    }
                    if let Some(scale) = &mut scale {
                        *scale = scale.checked_add(1)?;
                    }
                }
                b'.' if scale.is_none() => scale = Some(0),
                _ => return None,
            }
        }
        let scale = scale.unwrap_or(0);
        if !any || u32::from(scale) > DIGITS_MAX {
            return None;
        }
        Some(Decimal { coefficient: if negative { -coefficient } else { coefficient }, scale })
    }

    /// The same value with `scale` digits after the point, if that is exact and fits into 38 digits.
    pub fn rescale(self, scale: u8) -> Option<Decimal> {
        let coefficient = match scale.cmp(&self.scale) {
            Ordering::Equal => self.coefficient,
            Ordering::Greater if self.coefficient == 0 => 0,
            Ordering::Greater => {
                let scaled = self.coefficient.checked_mul(power(u32::from(scale - self.scale))?)?;
                (scaled.abs() <= LIMIT).then_some(scaled)?
            }
            Ordering::Less => match power(u32::from(self.scale - scale)) {
                Some(factor) if self.coefficient % factor == 0 => self.coefficient / factor,
                None if self.coefficient == 0 => 0,
                _ => return None,
            },
        };
        Some(Decimal { coefficient, scale })
    }

    /// At most `scale` digits after the point, rounded.
    pub fn round(self, scale: u8, mode: Rounding) -> Decimal {
        if scale >= self.scale {
            return self;
        }
        // Beyond 10^37 every coefficient is less than half of the factor.
        let factor = power(u32::from(self.scale - scale));
        let (quotient, remainder) = match factor {
            Some(factor) => (self.coefficient / factor, self.coefficient % factor),
            None => (0, self.coefficient),
        };
        let half = match factor {
            Some(factor) => remainder.abs().cmp(&(factor - remainder.abs())),
            None => Ordering::Less,
        };
        let away = mode.is_away(remainder == 0, half, quotient % 2 != 0, remainder < 0);
        let step = if away { remainder.signum() } else { 0 };
        Decimal { coefficient: quotient + step, scale }
    }

    /// Without the zeros at the end of the fraction, but with at least `scale` digits of it.
    pub fn trim(self, scale: u8) -> Decimal {
        let mut it = self;
        while it.scale > scale && it.coefficient % 10 == 0 {
            it = Decimal { coefficient: it.coefficient / 10, scale: it.scale - 1 };
        }
        it
    }

    /// The sum; `None` beyond 38 digits.
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale.max(other.scale);
        let sum = self.rescale(scale)?.coefficient.checked_add(other.rescale(scale)?.coefficient)?;
        (sum.abs() <= LIMIT).then_some(Decimal { coefficient: sum, scale })
    }

    /// The product; `None` beyond 38 digits.
    pub fn multiply(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale.checked_add(other.scale)?;
        let product = self.coefficient.checked_mul(other.coefficient)?;
        (product.abs() <= LIMIT && u32::from(scale) <= DIGITS_MAX).then_some(Decimal { coefficient: product, scale })
    }

    /// The quotient with `scale` decimals, and whether that is exact; `None` when the divisor is zero or 38 digits do not
    /// suffice.
    pub fn divide(self, other: Decimal, scale: u8, mode: Rounding) -> Option<(Decimal, bool)> {
        if other.coefficient == 0 {
            return None;
        }
        let (a, b) = (self.coefficient.unsigned_abs(), other.coefficient.unsigned_abs());
        // a / 10^sa divided by b / 10^sb, in units of 10^-scale, is a / b * 10^shift.
        let shift = i32::from(scale) + i32::from(other.scale) - i32::from(self.scale);
        let (mut quotient, mut rest) = (a / b, a % b);
        let mut dropped = 0;
        let mut unit = 1_u128;
        if shift >= 0 {
            for _ in 0..shift {
                // One more digit of a long division: neither factor ever grows beyond what the quotient needs.
                rest = rest.checked_mul(10)?;
                quotient = quotient.checked_mul(10)?.checked_add(rest / b)?;
                rest %= b;
            }
        } else if let Some(power) = power(shift.unsigned_abs()) {
            unit = power.unsigned_abs();
            (quotient, dropped) = (quotient / unit, quotient % unit);
        } else {
            (quotient, dropped, unit) = (0, quotient, u128::MAX);
        }
        let is_exact = dropped == 0 && rest == 0;
        let half = match shift >= 0 {
            // What is left is less than b: its double is compared without being built.
            true => rest.cmp(&(b - rest)),
            false => dropped.cmp(&(unit - dropped)).then(if rest > 0 { Ordering::Greater } else { Ordering::Equal }),
        };
        let is_negative = (self.coefficient < 0) != (other.coefficient < 0);
        if mode.is_away(is_exact, half, quotient % 2 == 1, is_negative) {
            quotient += 1;
        }
        let quotient = i128::try_from(quotient).ok().filter(|it| *it <= LIMIT)?;
        Some((Decimal { coefficient: if is_negative { -quotient } else { quotient }, scale }, is_exact))
    }

    /// The digits before the point, without leading zeros.
    pub fn integer_digits(self) -> u32 {
        self.coefficient.unsigned_abs().checked_ilog10().map_or(0, |it| it + 1).saturating_sub(u32::from(self.scale))
    }

    /// The same number with the other sign.
    pub fn negated(self) -> Decimal {
        Decimal { coefficient: -self.coefficient, ..self }
    }

    /// Appends the digits: `-12.340`. Allocates nothing when there is room.
    pub fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.digits(&mut [0; DIGITS_ROOM]));
    }

    /// The digits as [`Decimal::write`] appends them, in the room given.
    pub(crate) fn digits(self, room: &mut [u8; DIGITS_ROOM]) -> &[u8] {
        let mut rest = self.coefficient.unsigned_abs();
        let mut at = room.len();
        let mut put = |byte: u8| {
            at = at.saturating_sub(1);
            if let Some(it) = room.get_mut(at) {
                *it = byte;
            }
        };
        for place in 0.. {
            if place == self.scale && place > 0 {
                put(b'.');
            }
            if rest == 0 && place > self.scale {
                break;
            }
            // To divide one word is far cheaper than to divide two.
            let (left, digit) = match u64::try_from(rest) {
                Ok(word) => (u128::from(word / 10), (word % 10) as u8),
                Err(_) => (rest / 10, (rest % 10) as u8),
            };
            put(b'0' + digit);
            rest = left;
        }
        if self.coefficient < 0 {
            put(b'-');
        }
        room.get(at..).unwrap_or_default()
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        match (self.rescale(scale), other.rescale(scale)) {
            (Some(a), Some(b)) => a.coefficient.cmp(&b.coefficient),
            // One of them is too large to be written with the other's decimals: its sign or size decides.
            _ => {
                let (a, b) = (self.coefficient.signum(), other.coefficient.signum());
                a.cmp(&b).then_with(|| {
                    let by_size = self.integer_digits().cmp(&other.integer_digits());
                    if a < 0 { by_size.reverse() } else { by_size }
                })
            }
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::with_capacity(42);
        self.write(&mut out);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn digits_survive() {
        for text in
            ["0", "0.00", "-0.05", "12.340", "99999999999999999999999999999999999999", "0.00000000000000000000000000000000000001"]
        {
            assert_eq!(decimal(text).to_string(), text);
        }
        assert_eq!(decimal("+.5").to_string(), "0.5");
        assert_eq!(decimal("5.").to_string(), "5");
        for text in ["", "-", ".", "1e5", "1 ", "1.2.3", "999999999999999999999999999999999999999"] {
            assert!(Decimal::parse(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn comparison_is_by_value() {
        assert_eq!(decimal("1.0"), decimal("1.000"));
        assert!(decimal("99999999999999999999999999999999999999") > decimal("0.00000000000000000001"));
        assert!(decimal("-99999999999999999999999999999999999999") < decimal("-0.00000000000000000001"));
    }

    #[test]
    fn every_rounding_of_every_tenth() {
        let expected = [
            (Rounding::HalfEven, "-2 -2 -1 0 0 0 0 0 1 2 2"),
            (Rounding::HalfUp, "-2 -2 -1 -1 0 0 0 1 1 2 2"),
            (Rounding::HalfDown, "-2 -1 -1 0 0 0 0 0 1 1 2"),
            (Rounding::Up, "-2 -2 -1 -1 -1 0 1 1 1 2 2"),
            (Rounding::Down, "-1 -1 -1 0 0 0 0 0 1 1 1"),
            (Rounding::Ceiling, "-1 -1 -1 0 0 0 1 1 1 2 2"),
            (Rounding::Floor, "-2 -2 -1 -1 -1 0 0 0 1 1 1"),
        ];
        let values = ["-1.6", "-1.5", "-1.0", "-0.5", "-0.4", "0.0", "0.4", "0.5", "1.0", "1.5", "1.6"];
        for (mode, text) in expected {
            let found: Vec<_> = values.iter().map(|it| decimal(it).round(0, mode).to_string()).collect();
            assert_eq!(found.join(" "), text, "{mode:?}");
        }
    }

    #[test]
    fn division_rounds_the_exact_quotient() {
        let divide = |a: &str, b: &str, scale| decimal(a).divide(decimal(b), scale, Rounding::HalfEven).unwrap().0.to_string();
        assert_eq!(divide("1", "3", 4), "0.3333");
        assert_eq!(divide("2", "3", 4), "0.6667");
        assert_eq!(divide("-2", "3", 2), "-0.67");
        assert_eq!(divide("1", "8", 2), "0.12");
        assert_eq!(divide("3", "8", 2), "0.38");
        assert_eq!(divide("10.00", "0.04", 0), "250");
        assert!(decimal("1").divide(Decimal::ZERO, 2, Rounding::Up).is_none());
        // As many digits as there are, and a shift that no product of 38 digits could hold.
        assert_eq!(divide("12345678901234567890123456789.12", "1.00000001", 2), "12345678777777780112345655665.66");
        assert_eq!(divide("0.000000000000000000000000000005", "1", 2), "0.00");
        assert_eq!(divide("0.005000000000000000000000000001", "1", 2), "0.01");
        assert_eq!(divide("0.005000000000000000000000000000", "1", 2), "0.00");
        assert!(!decimal("1").divide(decimal("3"), 4, Rounding::Down).unwrap().1);
        assert!(decimal("1").divide(decimal("4"), 4, Rounding::Down).unwrap().1);
    }

    #[test]
    fn exactness_is_kept_or_refused() {
        assert_eq!(decimal("12.50").rescale(1).unwrap().to_string(), "12.5");
        assert!(decimal("12.55").rescale(1).is_none());
        assert!(decimal("99999999999999999999999999999999999999").plus(decimal("1")).is_none());
        assert_eq!(decimal("0.1").plus(decimal("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(decimal("1.10").multiply(decimal("3")).unwrap().to_string(), "3.30");
        assert_eq!(decimal("125000.00").trim(0).to_string(), "125000");
    }
}
