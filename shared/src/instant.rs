//! Points in time and the legal day they fall on.
//! Apart because every time limit counts days of Beijing time (UTC+8, no summer time since 1991), wherever a device thinks it is.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use minicbor::{Decode, Encode};

/// Milliseconds in a minute, an hour and a day.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

const BEIJING: Offset = Offset::constant(8);
/// 1900-01-01 and 2200-01-01, in milliseconds: whatever lies outside is clamped, so that dates are total.
const FLOOR_MS: i64 = -2_208_988_800_000;
const CEILING_MS: i64 = 7_258_118_400_000;

/// A point in time: milliseconds since 1970-01-01 UTC, as some clock told it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct Instant(#[n(0)] i64);

impl Instant {
    /// The instant of these Unix milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Unix milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Later by so many milliseconds (earlier if negative), never overflowing.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to here; negative if `earlier` is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Date and time of day in Beijing.
    #[must_use]
    pub fn civil(self) -> DateTime {
        jiff::Timestamp::from_millisecond(self.0.clamp(FLOOR_MS, CEILING_MS))
            .map(|at| BEIJING.to_datetime(at))
            .unwrap_or_default()
    }

    /// The legal day: the date in Beijing.
    #[must_use]
    pub fn date(self) -> Date {
        self.civil().date()
    }

    /// The instant of a date and time of day in Beijing.
    #[must_use]
    pub fn from_civil(at: DateTime) -> Self {
        BEIJING
            .to_timestamp(at)
            .map(|at| Self(at.as_millisecond()))
            .unwrap_or(Self(0))
    }

    /// 24:00 of this day in Beijing: the last moment at which something due on the day is in time.
    #[must_use]
    pub fn end_of(day: Date) -> Self {
        Self::from_civil(day.at(0, 0, 0, 0)).plus_millis(DAY_MS)
    }
}

/// An interval that a true moment lies in: what is known when clocks cannot be trusted to the minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interval {
    /// Not before this.
    pub earliest: Instant,
    /// Not after this.
    pub latest: Instant,
}

impl Interval {
    /// The interval of one trusted moment.
    #[must_use]
    pub const fn exactly(at: Instant) -> Self {
        Self {
            earliest: at,
            latest: at,
        }
    }
}

/// A calendar date as CBOR: days since 1970-01-01.
pub mod date_cbor {
    use jiff::civil::{Date, date};
    use minicbor::{Decoder, Encoder};

    const EPOCH: Date = date(1970, 1, 1);

    /// Writes a date.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn encode<C, W: minicbor::encode::Write>(
        day: &Date,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        let days = day.since(EPOCH).map_or(0, |span| span.get_days());
        e.i32(days)?.ok()
    }

    /// Reads a date.
    ///
    /// # Errors
    /// A number of days that no calendar date has.
    pub fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Date, minicbor::decode::Error> {
        let days = jiff::Span::new().try_days(d.i32()?);
        days.and_then(|days| EPOCH.checked_add(days))
            .map_err(|_| minicbor::decode::Error::message("date"))
    }
}

/// An optional calendar date as CBOR: days since 1970-01-01, or null.
pub mod option_date_cbor {
    use super::date_cbor;
    use jiff::civil::Date;
    use minicbor::data::Type;
    use minicbor::{Decoder, Encoder};

    /// Writes a date or null.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn encode<C, W: minicbor::encode::Write>(
        day: &Option<Date>,
        e: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match day {
            Some(day) => date_cbor::encode(day, e, context),
            None => e.null()?.ok(),
        }
    }

    /// Reads a date or null.
    ///
    /// # Errors
    /// A number of days that no calendar date has.
    pub fn decode<C>(
        d: &mut Decoder<'_>,
        context: &mut C,
    ) -> Result<Option<Date>, minicbor::decode::Error> {
        if d.datatype()? == Type::Null {
            d.null()?;
            return Ok(None);
        }
        date_cbor::decode(d, context).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_is_a_day_in_beijing() {
        let late = Instant::from_civil(date(2026, 11, 23).at(23, 59, 59, 999_000_000));
        assert_eq!(late.date(), date(2026, 11, 23));
        assert_eq!(late.plus_millis(1).date(), date(2026, 11, 24));
        assert_eq!(Instant::end_of(date(2026, 11, 23)), late.plus_millis(1));
        assert_eq!(
            Instant::from_millis(0).civil(),
            date(1970, 1, 1).at(8, 0, 0, 0)
        );
    }

    #[test]
    fn absurd_clocks_still_have_a_date() {
        assert_eq!(Instant::from_millis(i64::MAX).date(), date(2200, 1, 1));
        assert_eq!(Instant::from_millis(i64::MIN).date(), date(1900, 1, 1));
        assert_eq!(
            Instant::from_millis(i64::MAX).plus_millis(1).as_millis(),
            i64::MAX
        );
    }
}
