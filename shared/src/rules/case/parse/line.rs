//! One line of a case as words, read from left to right, with the columns of faults.
//! Apart because where a fault stands is independent of what the words mean.

use super::super::{BadCase, Fault};
use super::Read;
use crate::instant::Instant;
use crate::rules::gap::Deadline;
use jiff::civil::Date;

/// A line as words with their columns, read from left to right.
pub(super) struct Line<'t> {
    pub(super) text: &'t str,
    pub(super) number: usize,
    /// Bytes already read.
    pub(super) read: usize,
}

impl<'t> Line<'t> {
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.read..).unwrap_or("").trim()
    }

    pub(super) fn peek(&self) -> Option<&'t str> {
        self.rest().split_whitespace().next()
    }

    /// A fault at the word that would be read next.
    pub(super) fn bad_next(&self, what: Fault) -> BadCase {
        let tail = self.text.get(self.read..).unwrap_or("");
        let lead = tail.len() - tail.trim_start().len();
        self.fault_at(self.read + lead, what, self.peek().unwrap_or(""))
    }

    pub(super) fn next(&mut self) -> Option<&'t str> {
        let tail = self.text.get(self.read..).unwrap_or("");
        let lead = tail.len() - tail.trim_start().len();
        let word = tail.split_whitespace().next()?;
        self.read += lead + word.len();
        Some(word)
    }

    /// The next word, which must be there.
    pub(super) fn word(&mut self) -> Read<&'t str> {
        self.next().ok_or_else(|| self.missing())
    }

    /// Everything up to the line's end, which must say something.
    pub(super) fn words(&mut self) -> Read<String> {
        let rest = self.rest();
        if rest.is_empty() {
            return Err(self.missing());
        }
        self.read = self.text.len();
        Ok(rest.to_owned())
    }

    /// Everything up to the line's end, which may be empty.
    pub(super) fn remark(&mut self) -> String {
        let rest = self.rest().to_owned();
        self.read = self.text.len();
        rest
    }

    /// Reads the next word if it is this keyword.
    pub(super) fn takes(&mut self, english: &str, chinese: &str) -> bool {
        let hit = self
            .peek()
            .is_some_and(|word| word == english || word == chinese);
        if hit {
            self.next();
        }
        hit
    }

    pub(super) fn end(&mut self) -> Read<()> {
        match self.next() {
            Some(word) => Err(self.bad(Fault::Extra, word)),
            None => Ok(()),
        }
    }

    pub(super) fn missing(&self) -> BadCase {
        self.fault_at(self.text.trim_end().len(), Fault::Missing, "")
    }

    /// A fault at the word that was read last.
    pub(super) fn bad(&self, what: Fault, word: &str) -> BadCase {
        self.fault_at(self.read.saturating_sub(word.len()), what, word)
    }

    pub(super) fn fault_at(&self, byte: usize, what: Fault, word: &str) -> BadCase {
        BadCase {
            line: self.number,
            column: self.text.get(..byte).unwrap_or("").chars().count() + 1,
            what,
            word: word.to_owned(),
        }
    }

    pub(super) fn date(&mut self) -> Read<Date> {
        let word = self.word()?;
        word.parse().map_err(|_| self.bad(Fault::Date, word))
    }

    pub(super) fn time(&mut self, day: Date) -> Read<Instant> {
        let word = self.word()?;
        let bad = self.bad(Fault::Time, word);
        if word == "24:00" {
            return Ok(Instant::end_of(day));
        }
        let (hour, minute) = word.split_once(':').ok_or_else(|| bad.clone())?;
        let number = |text: &str| text.parse::<i8>().ok().filter(|n| *n >= 0);
        let time = number(hour).zip(number(minute));
        let time = time
            .and_then(|(h, m)| jiff::civil::Time::new(h, m, 0, 0).ok())
            .ok_or(bad)?;
        Ok(Instant::from_civil(day.to_datetime(time)))
    }

    pub(super) fn moment(&mut self) -> Read<Instant> {
        let day = self.date()?;
        self.time(day)
    }

    /// A moment; a date alone is 24:00 of it.
    pub(super) fn end_moment(&mut self) -> Read<Instant> {
        let day = self.date()?;
        let timed = self.peek().is_some_and(|word| word.contains(':'));
        if timed {
            self.time(day)
        } else {
            Ok(Instant::end_of(day))
        }
    }

    /// One moment, or two with `..` between.
    pub(super) fn range(&mut self) -> Read<(Instant, Instant)> {
        let earliest = self.end_moment()?;
        let latest = if self.takes("..", "至") {
            self.end_moment()?
        } else {
            earliest
        };
        Ok((earliest, latest.max(earliest)))
    }

    pub(super) fn until(&mut self) -> Read<Option<Deadline>> {
        if !self.takes("until", "期限") {
            return Ok(None);
        }
        let (earliest, latest) = self.range()?;
        Ok(Some(Deadline { earliest, latest }))
    }
}
