//! What this installation is: one key, one value, each written by one function.

use super::{Error, Result, WriteTx, id};
use ed25519_dalek::{SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};
use rusqlite::{Connection, OptionalExtension, named_params};
use shared::codec;
use shared::domain::reference::PinVerifier;
use shared::id::{Epoch, FeedId, OfficerId, UnitId};
use shared::sync::wire::{Beacon, Enrolled};
use shared::text::Lang;
use zeroize::Zeroizing;

/// One kind of value. The names are stored: never rename one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// Language of the screens.
    Lang,
    /// `sunlight` or nothing.
    Theme,
    /// This feed's id.
    Feed,
    /// This feed's private key.
    Secret,
    /// The code of an enrolment that was begun.
    PendingCode,
    /// The [`Profile`].
    Profile,
    /// The owner's own PIN verifier, until the officers' set carries it.
    Pin,
    /// The last beacon.
    Beacon,
    /// The pull cursor.
    Cursor,
    /// Set when this feed was found forked: uploading stops.
    Frozen,
    /// Wrong PINs of an officer on a step's page, and until when to wait.
    PinFailures,
    /// When the server last answered as it should.
    LastSync,
    /// In the real file: the screens are the drill's.
    Playing,
    /// In the drill's file alone: which drill it is.
    Drill,
}

impl Key {
    const fn name(self) -> &'static str {
        match self {
            Self::Lang => "lang",
            Self::Theme => "theme",
            Self::Feed => "feed",
            Self::Secret => "signing_key",
            Self::PendingCode => "pending_code",
            Self::Profile => "profile",
            Self::Pin => "pin",
            Self::Beacon => "beacon",
            Self::Cursor => "cursor",
            Self::Frozen => "frozen",
            Self::PinFailures => "pin_failures",
            Self::LastSync => "last_sync",
            Self::Playing => "playing",
            Self::Drill => "drill",
        }
    }
}

/// Whose device this is, as the server said at enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Profile {
    /// Bearer token.
    #[n(0)]
    pub(crate) token: String,
    /// The server's key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) server_key: [u8; 32],
    /// The server's feed.
    #[n(2)]
    pub(crate) server_feed: FeedId,
    /// The owner.
    #[n(3)]
    pub(crate) officer: OfficerId,
    /// The owner's name.
    #[n(4)]
    pub(crate) name: String,
    /// The owner's office.
    #[n(5)]
    pub(crate) unit: UnitId,
    /// Jurisdiction.
    #[n(6)]
    pub(crate) jurisdiction: String,
    /// This feed.
    #[n(7)]
    pub(crate) feed: FeedId,
    /// The server's epoch at enrolment.
    #[n(8)]
    pub(crate) epoch: Epoch,
}

impl Profile {
    /// From the server's answer.
    pub(crate) fn new(feed: FeedId, answer: Enrolled) -> Self {
        Self {
            token: answer.token,
            server_key: answer.server_key,
            server_feed: answer.server_feed,
            officer: answer.officer,
            name: answer.name,
            unit: answer.unit,
            jurisdiction: answer.jurisdiction,
            feed,
            epoch: answer.epoch,
        }
    }

    /// The server's key, ready to verify with.
    pub(crate) fn verifying_key(&self) -> Result<VerifyingKey> {
        VerifyingKey::from_bytes(&self.server_key).map_err(|_| Error::Corrupt("server key"))
    }
}

/// Where to ask the server from next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Cursor {
    /// The server's incarnation.
    #[n(0)]
    pub(crate) epoch: Epoch,
    /// The position in its log.
    #[n(1)]
    pub(crate) position: u64,
}

const GET: &str = "SELECT value FROM meta WHERE key = :key";
const SET: &str = "INSERT INTO meta (key, value) VALUES (:key, :value)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const CLEAR: &str = "DELETE FROM meta WHERE key = :key";

/// The bytes of a key.
pub(crate) fn get(c: &Connection, key: Key) -> Result<Option<Vec<u8>>> {
    let mut statement = c.prepare_cached(GET)?;
    let value = statement.query_row(named_params! { ":key": key.name() }, |row| row.get(0));
    Ok(value.optional()?)
}

/// Sets the bytes of a key.
pub(crate) fn set(tx: &WriteTx<'_>, key: Key, value: &[u8]) -> Result<()> {
    let mut statement = tx.prepare_cached(SET)?;
    statement.execute(named_params! { ":key": key.name(), ":value": value })?;
    Ok(())
}

/// Removes a key.
pub(crate) fn clear(tx: &WriteTx<'_>, key: Key) -> Result<()> {
    tx.execute(CLEAR, named_params! { ":key": key.name() })?;
    Ok(())
}

/// A value that is stored as CBOR.
pub(crate) fn read<T>(c: &Connection, key: Key) -> Result<Option<T>>
where
    T: for<'b> Decode<'b, ()> + Encode<()>,
{
    let bytes = get(c, key)?;
    bytes
        .map(|bytes| codec::decode(&bytes).map_err(|_| Error::Corrupt(key.name())))
        .transpose()
}

/// Stores a value as CBOR.
pub(crate) fn write<T: Encode<()>>(tx: &WriteTx<'_>, key: Key, value: &T) -> Result<()> {
    set(tx, key, &codec::encode(value))
}

/// Whose device this is.
pub(crate) fn profile(c: &Connection) -> Result<Profile> {
    read(c, Key::Profile)?.ok_or(Error::NotFound)
}

/// The chosen language, if one was chosen.
pub(crate) fn lang(c: &Connection) -> Result<Option<Lang>> {
    let tag = get(c, Key::Lang)?;
    Ok(tag.map(|tag| Lang::from_tag(&String::from_utf8_lossy(&tag))))
}

/// Whether the sunlight theme is on.
pub(crate) fn sunlight(c: &Connection) -> Result<bool> {
    Ok(get(c, Key::Theme)?.is_some())
}

/// This feed and its key.
pub(crate) fn feed_key(c: &Connection) -> Result<(FeedId, SigningKey)> {
    let feed = id(&get(c, Key::Feed)?.ok_or(Error::NotFound)?)?;
    let bytes = Zeroizing::new(get(c, Key::Secret)?.ok_or(Error::NotFound)?);
    let key = <&[u8; 32]>::try_from(&bytes[..]).map_err(|_| Error::Corrupt("signing key"))?;
    Ok((feed, SigningKey::from_bytes(key)))
}

/// The last beacon seen.
pub(crate) fn beacon(c: &Connection) -> Result<Option<Beacon>> {
    read(c, Key::Beacon)
}

/// The owner's PIN verifier.
pub(crate) fn pin(c: &Connection) -> Result<Option<PinVerifier>> {
    read(c, Key::Pin)
}
