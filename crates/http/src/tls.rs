//! HTTPS: the certificate and its key, which may change while the server runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A certificate with its key, and the files that they come from.
#[derive(Debug)]
pub struct Certificate {
    files: CertificateFiles,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

/// Where a certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate and those that vouch for it, in PEM, its own first.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} holds no {what} in PEM: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// Why it does not.
        source: rustls::pki_types::pem::Error,
    },
    /// They are no pair, or of a kind that is not known.
    #[error("{} and {} do not go together: {source}", files.certificate.display(), files.key.display())]
    Mismatch {
        /// The files.
        files: CertificateFiles,
        /// Why.
        source: rustls::Error,
    },
}

/// The bytes of both files.
type Contents = (Vec<u8>, Vec<u8>);

impl Certificate {
    /// What the files hold.
    ///
    /// # Errors
    /// Where that is no certificate with its key.
    pub fn load(files: CertificateFiles) -> Result<Self, CertificateError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let current = files.parse(&files.read()?, &provider)?;
        Ok(Self { files, provider, current: RwLock::new(Arc::new(current)) })
    }

    /// TLS 1.2 and 1.3, with the suites that have forward secrecy and authenticate what they encrypt: rustls has no others.
    ///
    /// # Errors
    /// Where the library has no such protocols.
    pub(crate) fn config(self: &Arc<Self>) -> io::Result<ServerConfig> {
        let config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(io::Error::other)?;
        Ok(config.with_no_client_auth().with_cert_resolver(Arc::<Self>::clone(self)))
    }

    /// Looks at the files again and again, and takes what they hold for new connections. What is no certificate with its key
    /// is told in the log, and the one before stays.
    pub(crate) async fn watch(self: Arc<Self>) {
        let mut seen = self.files.read().ok();
        let mut interval = tokio::time::interval(LOOK_EVERY);
        loop {
            interval.tick().await;
            let files = self.files.clone();
            let Ok(read) = tokio::task::spawn_blocking(move || files.read()).await else { return };
            if read.as_ref().ok() != seen.as_ref() {
                self.take(&read);
                seen = read.ok();
            }
        }
    }

    fn take(&self, read: &Result<Contents, CertificateError>) {
        let parsed = match read {
            Ok(contents) => self.files.parse(contents, &self.provider).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match parsed {
            Ok(key) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                tracing::info!(certificate = %self.files.certificate.display(), "took a changed certificate");
            }
            Err(error) => tracing::error!(error, "a changed certificate cannot be used; the one before stays"),
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl CertificateFiles {
    fn read(&self) -> Result<Contents, CertificateError> {
        let read = |path: &Path| {
            fs::read(path).map_err(|source| CertificateError::Unreadable { path: path.to_owned(), source })
        };
        Ok((read(&self.certificate)?, read(&self.key)?))
    }

    fn parse(
        &self,
        (certificate, key): &Contents,
        provider: &CryptoProvider,
    ) -> Result<CertifiedKey, CertificateError> {
        let malformed = |path: &Path, what| {
            let path = path.to_owned();
            move |source| CertificateError::Malformed { path, what, source }
        };
        let chain = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(malformed(&self.certificate, "certificate"))?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(malformed(&self.key, "private key"))?;
        CertifiedKey::from_der(chain, key, provider)
            .map_err(|source| CertificateError::Mismatch { files: self.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files of a new certificate of its own.
    fn files(folder: &Path) -> CertificateFiles {
        let files = CertificateFiles { certificate: folder.join("c.pem"), key: folder.join("k.pem") };
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&files.certificate, made.cert.pem()).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        files
    }

    fn current(certificate: &Certificate) -> CertificateDer<'static> {
        certificate.current.read().unwrap().cert[0].clone()
    }

    #[test]
    fn a_changed_certificate_is_taken_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::load(files(folder.path())).unwrap();
        let first = current(&certificate);
        certificate.take(&files(folder.path()).read());
        let second = current(&certificate);
        assert_ne!(first, second);
        fs::write(&certificate.files.certificate, "-----BEGIN CERTIFICATE-----\nAAAA").unwrap();
        certificate.take(&certificate.files.read());
        fs::remove_file(&certificate.files.key).unwrap();
        certificate.take(&certificate.files.read());
        assert_eq!(current(&certificate), second);
    }

    #[test]
    fn what_is_no_certificate_with_its_key_is_named() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (good, theirs) = (files(folder.path()), files(other.path()));
        let refusal = |files: CertificateFiles| Certificate::load(files).unwrap_err().to_string();
        let mismatch = refusal(CertificateFiles { key: theirs.key, ..good.clone() });
        assert!(mismatch.contains("do not go together"), "{mismatch}");
        let swapped = refusal(CertificateFiles { key: good.certificate.clone(), ..good.clone() });
        assert!(swapped.contains("c.pem holds no private key in PEM"), "{swapped}");
        let missing = refusal(CertificateFiles { certificate: folder.path().join("none"), ..good.clone() });
        assert!(missing.contains("none cannot be read"), "{missing}");
        let empty = folder.path().join("empty");
        fs::write(&empty, "").unwrap();
        let empty = refusal(CertificateFiles { certificate: empty, ..good });
        assert!(empty.contains("empty"), "{empty}");
    }
}
