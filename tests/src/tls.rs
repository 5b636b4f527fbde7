//! A certificate authority for tests and its certificate for `localhost`.
//! Apart because two kinds of reader trust it differently: our programs by a file, Chromium by the key's fingerprint.

use crate::folder::Folder;
use anyhow::Result;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// The files that a server and its clients are given.
#[derive(Debug)]
pub struct Tls {
    folder: Folder,
    authority: String,
    fingerprint: String,
}

impl Tls {
    /// A new authority and one certificate for `localhost`.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn new() -> Result<Self> {
        let folder = Folder::new("tls")?;
        let authority_key = KeyPair::generate()?;
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        authority
            .distinguished_name
            .push(DnType::CommonName, "Chengxu test authority");
        let authority_pem = authority.self_signed(&authority_key)?.pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate()?;
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let leaf = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
        std::fs::write(folder.join("authority.pem"), &authority_pem)?;
        std::fs::write(folder.join("cert.pem"), leaf.pem())?;
        std::fs::write(folder.join("key.pem"), key.serialize_pem())?;
        let spki = rcgen::PublicKeyData::subject_public_key_info(&key);
        Ok(Self {
            folder,
            authority: authority_pem,
            fingerprint: BASE64_STANDARD.encode(Sha256::digest(spki)),
        })
    }

    /// The server's certificate.
    #[must_use]
    pub fn cert(&self) -> PathBuf {
        self.folder.join("cert.pem")
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.folder.join("key.pem")
    }

    /// The authority's certificate, as a file.
    #[must_use]
    pub fn authority_file(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// The authority's certificate, as text.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// SHA-256 of the server's public key in base64: what Chromium is told to trust.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}
