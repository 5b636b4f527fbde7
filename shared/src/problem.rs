//! Every refusal we can answer: a stable code, an HTTP status and, through [`crate::text`], words in both languages.
//! Apart so that there is one list; a test checks that each code has its texts.

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident $status:literal $code:literal,)*) => {
        /// Why something was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code, as in `problem+json` and in the message keys `problem.<code>` and `problem.<code>.do`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The code of this text.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

problems! {
    /// The request cannot be read.
    BadRequest 400 "request.unreadable",
    /// The body is longer than allowed.
    TooLarge 413 "request.too-large",
    /// A field of a form is not acceptable.
    BadForm 422 "form.invalid",
    /// No such page or record.
    NotFound 404 "not-found",
    /// Not logged in, or the session ended.
    NoSession 401 "session.missing",
    /// Logged in, but not allowed.
    Forbidden 403 "forbidden",
    /// A form from elsewhere, or one that was open too long.
    BadCsrf 403 "csrf.invalid",
    /// Wrong name or password.
    BadLogin 422 "login.wrong",
    /// Too many attempts.
    TooMany 429 "too-many-attempts",
    /// The enrolment code is unknown or was mistyped.
    CodeUnknown 422 "enrol.code-unknown",
    /// The enrolment code was used by another device.
    CodeUsed 409 "enrol.code-used",
    /// The enrolment code is too old.
    CodeExpired 410 "enrol.code-expired",
    /// The bearer token is unknown or revoked.
    BadToken 401 "sync.token-invalid",
    /// The device was revoked.
    Revoked 403 "sync.device-revoked",
    /// The client's protocol is too old.
    UpgradeNeeded 426 "sync.upgrade-needed",
    /// A commit cannot be read or its signature does not verify.
    BadCommit 422 "sync.commit-invalid",
    /// A commit does not follow the one before.
    Gap 409 "sync.gap",
    /// Two commits claim the same place in a feed.
    Fork 409 "sync.fork",
    /// The feed is frozen after a fork.
    Frozen 409 "sync.feed-frozen",
    /// A commit that was kept, but not acted upon: its officer or record does not belong to the device.
    OutOfScope 422 "sync.out-of-scope",
    /// A commit that was kept, one of whose bodies cannot be read.
    PoisonBody 422 "sync.body-unreadable",
    /// No record of the device's office names a blob of this hash and length, or not yet.
    BlobUnwanted 403 "blob.unwanted",
    /// An upload goes on elsewhere than where it stopped.
    BlobOffset 409 "blob.offset",
    /// Somebody is writing to this upload.
    BlobBusy 423 "blob.busy",
    /// What arrived is not what the record names; it is thrown away.
    BlobHash 460 "blob.hash",
    /// Another version of the upload protocol.
    TusVersion 412 "blob.version",
    /// An upload's bytes come under another content type.
    BlobType 415 "blob.type",
    /// The PIN is wrong.
    WrongPin 422 "pin.wrong",
    /// The PIN is not six digits, or one that everybody tries.
    WeakPin 422 "pin.weak",
    /// The device is locked.
    Locked 423 "device.locked",
    /// The database is open in another tab.
    OpenElsewhere 503 "device.open-elsewhere",
    /// The device cannot store more.
    StorageFull 507 "device.storage-full",
    /// The step is not part of the procedure, or the procedure is not known.
    UnknownStep 404 "step.unknown",
    /// The law forbids the act yet; the gap says why.
    Blocked 409 "step.blocked",
    /// Whoever handles a case may not review, chair or approve in it.
    OwnCase 403 "step.own-case",
    /// A procedure file does not parse.
    BadProcedure 422 "procedure.unreadable",
    /// Something broke here; the log has the request's id.
    Internal 500 "internal",
    /// Busy; try again.
    Busy 503 "busy",
}

/// `application/problem+json` (RFC 9457) as `/sync/v1/` answers it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Json {
    /// [`Code::as_str`].
    pub code: String,
    /// HTTP status.
    pub status: u16,
    /// 中文.
    pub title_zh: String,
    /// English.
    pub title_en: String,
    /// For people reading logs; no personal data.
    pub detail: String,
    /// With [`Code::Gap`] and [`Code::Fork`]: what the server holds of the feed.
    #[serde(default)]
    pub head: Option<JsonHead>,
}

/// A feed's head in JSON.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct JsonHead {
    /// The commit's number.
    pub seq: u64,
    /// Its hash, 64 hexadecimal digits.
    pub hash: String,
}

impl Json {
    /// The answer for this code.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>, head: Option<JsonHead>) -> Self {
        use crate::text::{Lang, text};
        let key = format!("problem.{}", code.as_str());
        Self {
            code: code.as_str().to_owned(),
            status: code.status(),
            title_zh: text(Lang::Zh, &key).to_owned(),
            title_en: text(Lang::En, &key).to_owned(),
            detail: detail.into(),
            head,
        }
    }
}
