//! Strict CBOR (RFC 8949 §4.2): exactly one byte string per value.
//! Apart so that no other module decodes loosely: what is signed must not have two spellings.

use minicbor::{Decode, Encode};

/// The bytes are not the one encoding of a value of the expected type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadBytes {
    /// Not a value of this type, or cut short.
    #[error("not a value of the expected shape")]
    Shape,
    /// A value, but spelled otherwise than we would: longer integers, unknown trailing fields, trailing bytes.
    #[error("not the canonical encoding")]
    NotCanonical,
    /// Longer than the named limit allows.
    #[error("longer than allowed")]
    TooLong,
}

/// The bytes of a value.
#[must_use]
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    match minicbor::encode(value, &mut out) {
        Ok(()) => out,
        // Writing into a Vec cannot fail and none of our encoders raises an error of its own.
        Err(_) => Vec::new(),
    }
}

/// The value of these bytes.
///
/// # Errors
/// [`BadBytes`] unless the bytes are exactly what [`encode`] gives for the value.
pub fn decode<'b, T: Decode<'b, ()> + Encode<()>>(bytes: &'b [u8]) -> Result<T, BadBytes> {
    let value: T = minicbor::decode(bytes).map_err(|_| BadBytes::Shape)?;
    if encode(&value) == bytes {
        Ok(value)
    } else {
        Err(BadBytes::NotCanonical)
    }
}

/// The value of bytes that nothing is signed over one by one, such as the rows of a signed set: spelling is not checked.
///
/// # Errors
/// [`BadBytes::Shape`] if they are no value of this type.
pub fn read<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, BadBytes> {
    minicbor::decode(bytes).map_err(|_| BadBytes::Shape)
}

/// Fields at fixed positions, read one after the other. Apart from the derived decoder, which holds every field as a variable of
/// its own until the end, writes out every field of every variant twice over, and was a tenth of the phone's module.
pub(crate) struct Fields {
    left: u64,
}

impl Fields {
    /// Begins `[fields]`.
    #[inline(never)]
    pub(crate) fn open(d: &mut minicbor::Decoder<'_>) -> Result<Self, minicbor::decode::Error> {
        let left = d.array()?;
        let left = left.ok_or_else(|| minicbor::decode::Error::message("an open-ended list"))?;
        Ok(Self { left })
    }

    /// Begins `[variant, [fields]]`; gives which variant.
    #[inline(never)]
    pub(crate) fn of_variant(
        d: &mut minicbor::Decoder<'_>,
    ) -> Result<(u32, Self), minicbor::decode::Error> {
        if d.array()? != Some(2) {
            return Err(minicbor::decode::Error::message("a variant and its fields"));
        }
        Ok((d.u32()?, Self::open(d)?))
    }

    /// Whether there is another field.
    #[inline(never)]
    pub(crate) fn has_next(&mut self) -> bool {
        let more = self.left > 0;
        self.left = self.left.saturating_sub(1);
        more
    }

    /// The next field; what was left out at the end is none.
    pub(crate) fn next<'b, C, T: Decode<'b, C>>(
        &mut self,
        d: &mut minicbor::Decoder<'b>,
        ctx: &mut C,
    ) -> Result<T, minicbor::decode::Error> {
        if self.has_next() {
            return T::decode(d, ctx);
        }
        T::nil().ok_or_else(missing)
    }

    /// The next field, or what stands for one that an older build did not write.
    pub(crate) fn next_or_default<'b, C, T: Decode<'b, C> + Default>(
        &mut self,
        d: &mut minicbor::Decoder<'b>,
        ctx: &mut C,
    ) -> Result<T, minicbor::decode::Error> {
        if self.has_next() {
            return T::decode(d, ctx);
        }
        Ok(T::default())
    }

    /// The next field, a byte string.
    pub(crate) fn next_bytes<'b, C, T: minicbor::bytes::DecodeBytes<'b, C>>(
        &mut self,
        d: &mut minicbor::Decoder<'b>,
        ctx: &mut C,
    ) -> Result<T, minicbor::decode::Error> {
        if self.has_next() {
            return T::decode_bytes(d, ctx);
        }
        T::nil().ok_or_else(missing)
    }

    /// Whether there is another field, where one has to be.
    pub(crate) fn take(&mut self) -> Result<(), minicbor::decode::Error> {
        self.has_next().then_some(()).ok_or_else(missing)
    }

    /// Passes over what a newer build added.
    #[inline(never)]
    pub(crate) fn close(
        self,
        d: &mut minicbor::Decoder<'_>,
    ) -> Result<(), minicbor::decode::Error> {
        (0..self.left).try_for_each(|_| d.skip())
    }
}

#[cold]
#[inline(never)]
fn missing() -> minicbor::decode::Error {
    minicbor::decode::Error::message("a field is missing")
}

/// Decodes a structure whose fields stand in order, as `#[derive(Encode)]` writes it with `#[cbor(array)]` and `#[n(…)]` from 0:
/// `field`, `field: bytes` for a byte string, `field: default` where an older build wrote none,
/// `field: with(reader)` for one with a reader of its own, and `field: maybe(reader)` if it may have been left out as none.
macro_rules! decode_array {
    ($name:ident { $($field:ident $(: $how:ident $(($with:path))?)?),* $(,)? }) => {
        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                ctx: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                let mut fields = $crate::codec::Fields::open(d)?;
                let value = Self {
                    $($field: $crate::codec::decode_field!(fields, d, ctx $(, $how $(($with))?)?)),*
                };
                fields.close(d)?;
                Ok(value)
            }
        }
    };
}
pub(crate) use decode_array;

/// One field of [`decode_array`].
macro_rules! decode_field {
    ($fields:ident, $d:ident, $ctx:ident) => {
        $fields.next($d, $ctx)?
    };
    ($fields:ident, $d:ident, $ctx:ident, bytes) => {
        $fields.next_bytes($d, $ctx)?
    };
    ($fields:ident, $d:ident, $ctx:ident, default) => {
        $fields.next_or_default($d, $ctx)?
    };
    ($fields:ident, $d:ident, $ctx:ident, with($with:path)) => {{
        $fields.take()?;
        $with($d, $ctx)?
    }};
    ($fields:ident, $d:ident, $ctx:ident, maybe($with:path)) => {
        if $fields.has_next() {
            $with($d, $ctx)?
        } else {
            None
        }
    };
}
pub(crate) use decode_field;

/// Decodes a list whose variants have their fields in order, as `#[derive(Encode)]` writes it with `#[n(…)]` from 0.
macro_rules! decode_variants {
    ($name:ident { $($n:literal => $variant:ident { $($field:tt),* }),* $(,)? }) => {
        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                ctx: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                let (variant, mut fields) = $crate::codec::Fields::of_variant(d)?;
                let value = match variant {
                    $($n => Self::$variant { $($field: fields.next(d, ctx)?),* },)*
                    other => {
                        return Err(minicbor::decode::Error::unknown_variant(i64::from(other)));
                    }
                };
                fields.close(d)?;
                Ok(value)
            }
        }
    };
}
pub(crate) use decode_variants;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_spelling() {
        assert_eq!(decode::<u64>(&[0x05]), Ok(5));
        assert_eq!(decode::<u64>(&[0x18, 0x05]), Err(BadBytes::NotCanonical));
        assert_eq!(decode::<u64>(&[0x05, 0x00]), Err(BadBytes::NotCanonical));
        assert_eq!(decode::<u64>(&[0x61, 0x61]), Err(BadBytes::Shape));
        assert_eq!(decode::<u64>(&[]), Err(BadBytes::Shape));
    }
}
