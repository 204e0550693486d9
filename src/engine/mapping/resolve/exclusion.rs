//! When two rules can never both hold: what the checker sees without running anything.

use super::Resolver;
use crate::mapping::ast::{Being, Comparison, Expr, ExprKind};

/// One condition of a conjunction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Atom {
    /// What is asked: a path in the author's words.
    subject: String,
    test: Test,
    /// `false`: it must not hold.
    holds: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Equals(String),
    Present,
    /// Any other condition, by its words.
    Other,
}

impl Atom {
    /// That a path has a value.
    pub(crate) fn present(subject: String) -> Self {
        Atom { subject, test: Test::Present, holds: true }
    }

    /// The opposite.
    pub(crate) fn negated(&self) -> Self {
        Atom { holds: !self.holds, ..self.clone() }
    }

    /// Whether both can never hold: a condition and its negation, different constants for one path, present and absent.
    pub(crate) fn excludes(&self, other: &Atom) -> bool {
        if self.subject != other.subject {
            return false;
        }
        match (&self.test, &other.test) {
            (Test::Equals(a), Test::Equals(b)) => (self.holds && other.holds && a != b) || (self.holds != other.holds && a == b),
            (Test::Present, Test::Present) | (Test::Other, Test::Other) => self.holds != other.holds,
            (Test::Equals(_), Test::Present) => self.holds && !other.holds,
            (Test::Present, Test::Equals(_)) => !self.holds && other.holds,
            _ => false,
        }
    }
}

/// Whether two conjunctions can never both hold.
pub(crate) fn exclude(a: &[Atom], b: &[Atom]) -> bool {
    a.iter().any(|a| b.iter().any(|b| a.excludes(b)))
}

impl Resolver<'_> {
    /// The conditions of a conjunction.
    pub(crate) fn atoms(&self, cond: &Expr) -> Vec<Atom> {
        match &cond.kind {
            ExprKind::And(left, right) => {
                let mut atoms = self.atoms(left);
                atoms.extend(self.atoms(right));
                atoms
            }
            ExprKind::Not(inner) => match self.atoms(inner).as_slice() {
                [one] => vec![one.negated()],
                _ => vec![Atom { subject: self.words(cond), test: Test::Other, holds: true }],
            },
            ExprKind::Is(subject, being, negated) => match being {
                Being::Present => {
                    vec![Atom { subject: self.words(subject), test: Test::Present, holds: !negated }]
                }
                Being::Absent => {
                    vec![Atom { subject: self.words(subject), test: Test::Present, holds: *negated }]
                }
                Being::Blank => {
                    vec![Atom { subject: format!("{} is blank", self.words(subject)), test: Test::Other, holds: !negated }]
                }
            },
            ExprKind::Compare(Comparison::Equal | Comparison::Unequal, left, right) => {
                let holds = matches!(&cond.kind, ExprKind::Compare(Comparison::Equal, ..));
                match (&left.kind, &right.kind) {
                    (_, ExprKind::Text(text) | ExprKind::Number(text)) => {
                        vec![Atom { subject: self.words(left), test: Test::Equals(text.clone()), holds }]
                    }
                    (ExprKind::Text(text) | ExprKind::Number(text), _) => {
                        vec![Atom { subject: self.words(right), test: Test::Equals(text.clone()), holds }]
                    }
                    _ => {
                        let subject = format!("{} = {}", self.words(left), self.words(right));
                        vec![Atom { subject, test: Test::Other, holds }]
                    }
                }
            }
            _ => vec![Atom { subject: self.words(cond), test: Test::Other, holds: true }],
        }
    }

    /// An expression in the author's words, blanks made one.
    pub(crate) fn words(&self, expr: &Expr) -> String {
        self.sources.slice(expr.span).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_excludes_what() {
        let is = |value: &str, holds| Atom { subject: "a".to_owned(), test: Test::Equals(value.to_owned()), holds };
        let present = Atom::present("a".to_owned());
        assert!(is("1", true).excludes(&is("2", true)));
        assert!(is("1", true).excludes(&is("1", false)));
        assert!(!is("1", false).excludes(&is("2", false)));
        assert!(!is("1", true).excludes(&is("2", false)));
        assert!(present.excludes(&present.negated()));
        assert!(is("1", true).excludes(&present.negated()));
        assert!(!is("1", false).excludes(&present.negated()));
        assert!(!present.excludes(&Atom::present("b".to_owned()).negated()));
    }
}
