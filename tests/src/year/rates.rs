//! What is seeded into the demo year: how often which competency is lacking where, and which course changes it.
//! Apart because the year is made by these numbers and looked at afterwards for them.

use crate::records::Dice;

/// So many out of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(pub u16, pub u16);

impl Share {
    /// In hundredths.
    #[must_use]
    pub fn percent(self) -> f64 {
        100.0 * f64::from(self.0) / f64::from(self.1)
    }
}

/// A weakness of one township.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weakness {
    /// The township, as a place in the list of towns.
    pub town: usize,
    /// The competency.
    pub competency: &'static str,
    /// How often it shows, without a course.
    pub share: Share,
    /// The course that half of the township's pairs attend.
    pub course: Option<Course>,
}

/// A course for a weakness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// Its title.
    pub title: &'static str,
    /// When it is held: percent of the year's days.
    pub at: usize,
    /// How often the weakness shows afterwards among those who attended.
    pub share: Share,
}

impl Course {
    /// Whether it changes anything.
    #[must_use]
    pub fn works(&self, before: Share) -> bool {
        self.share != before
    }
}

/// The seeded weaknesses: one that a course mends, one that a course leaves as it was, one without a course.
pub const SEEDED: [Weakness; 3] = [
    Weakness {
        town: 0,
        competency: "K01",
        share: Share(3, 5),
        course: Some(Course {
            title: "亮证与告知规范培训（示例）",
            at: 50,
            share: Share(1, 20),
        }),
    },
    Weakness {
        town: 1,
        competency: "K06",
        share: Share(2, 4),
        course: Some(Course {
            title: "现场笔录制作讲座（示例）",
            at: 52,
            share: Share(2, 4),
        }),
    },
    Weakness {
        town: 2,
        competency: "K08",
        share: Share(3, 5),
        course: None,
    },
];

/// How often any competency is lacking elsewhere.
pub const ELSEWHERE: Share = Share(1, 25);

/// Draws yes or no so often as its share says, in an order that is chance. A share that is drawn like this is kept also over
/// few draws: what a course changed, and what it did not, does not depend on the day on which the demo is made.
#[derive(Debug, Clone)]
pub struct Deck {
    share: Share,
    left: Vec<bool>,
}

impl Deck {
    /// A deck of this share.
    #[must_use]
    pub const fn new(share: Share) -> Self {
        let left = Vec::new();
        Self { share, left }
    }

    /// The next answer.
    pub fn draw(&mut self, dice: &mut Dice) -> bool {
        if self.left.is_empty() {
            let Share(part, whole) = self.share;
            self.left = (0..whole).map(|at| at < part).collect();
            dice.shuffle(&mut self.left);
        }
        self.left.pop().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deck_keeps_its_share() {
        let mut dice = Dice::new(1);
        let mut deck = Deck::new(Share(3, 5));
        let drawn: Vec<bool> = (0..50).map(|_| deck.draw(&mut dice)).collect();
        assert_eq!(drawn.iter().filter(|yes| **yes).count(), 30);
        assert!(drawn.chunks(5).any(|five| five != &drawn[..5]));
    }
}
