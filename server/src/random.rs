//! The edge to the system's random numbers: the only file of the server that draws any.

use crate::problem::Problem;
use shared::problem::Code;

/// Random bytes.
///
/// # Errors
/// [`Code::Internal`] if the system has none: nothing may be signed or handed out then.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Problem> {
    let mut out = [0; N];
    getrandom::fill(&mut out).map_err(|_| Problem::from(Code::Internal))?;
    Ok(out)
}

/// A secret of 160 bits as 32 letters and digits that are not mistaken for each other.
pub(crate) fn code() -> Result<String, Problem> {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let draw = bytes::<32>()?;
    Ok(draw
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte & 31)))
        .map(|&letter| char::from(letter))
        .collect())
}

/// A secret of 256 bits in hexadecimal.
pub(crate) fn token() -> Result<String, Problem> {
    Ok(hex(&bytes::<32>()?))
}

/// Hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
