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

/// The fields of one variant of a list, read one after the other. Apart from the derived decoder, which writes out every field
/// of every variant twice over: for a list as long as that of the checks this alone was a hundredth of the phone's module.
pub(crate) struct Fields {
    /// Which variant.
    pub(crate) variant: u32,
    left: u64,
}

impl Fields {
    /// Begins `[variant, [fields]]`.
    pub(crate) fn open(d: &mut minicbor::Decoder<'_>) -> Result<Self, minicbor::decode::Error> {
        if d.array()? != Some(2) {
            return Err(minicbor::decode::Error::message("a variant and its fields"));
        }
        let variant = d.u32()?;
        let left = d
            .array()?
            .ok_or_else(|| minicbor::decode::Error::message("an open-ended list"))?;
        Ok(Self { variant, left })
    }

    /// The next field; what was left out at the end is none.
    pub(crate) fn next<'b, C, T: Decode<'b, C>>(
        &mut self,
        d: &mut minicbor::Decoder<'b>,
        ctx: &mut C,
    ) -> Result<T, minicbor::decode::Error> {
        if let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            return T::decode(d, ctx);
        }
        T::nil().ok_or_else(|| minicbor::decode::Error::message("a field is missing"))
    }

    /// Passes over what a newer build added.
    pub(crate) fn close(
        self,
        d: &mut minicbor::Decoder<'_>,
    ) -> Result<(), minicbor::decode::Error> {
        (0..self.left).try_for_each(|_| d.skip())
    }
}

/// Decodes a list whose variants have their fields in order, as `#[derive(Encode)]` writes it with `#[n(…)]` from 0.
macro_rules! decode_variants {
    ($name:ident { $($n:literal => $variant:ident { $($field:ident),* }),* $(,)? }) => {
        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                ctx: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                let mut fields = $crate::codec::Fields::open(d)?;
                let value = match fields.variant {
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
