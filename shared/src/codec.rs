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
