//! What the files tell that the configuration names.

use std::path::Path;

use confab_http::Certificate;
use confab_security::SigningKey;

use super::Finding;
use crate::config::Config;

/// All that is wrong with them.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    signing_key(&config.auth.signing_key_file).into_iter().chain(certificate(config)).collect()
}

/// A key that is not there yet is made at the start, and is good.
fn signing_key(path: &Path) -> Option<Finding> {
    if !path.exists() {
        return None;
    }
    let remedy = "`chmod 600` it where it is its owner's; else move it away, and the next start makes a new one (everybody \
                  then has to refresh their tokens)";
    match SigningKey::load(path) {
        Err(error) => Some(Finding::error("signing_key", format_args!("{error} (auth.signing_key_file)"), remedy)),
        Ok(key) if key.is_guessable() => Some(Finding::error(
            "signing_key",
            format_args!(
                "the signing key {} (auth.signing_key_file) was thought up and not made at random: whoever guesses it \
                 can be anybody",
                path.display()
            ),
            "move it away, and the next start makes a new one (everybody then has to refresh their tokens)",
        )),
        Ok(_) => None,
    }
}

fn certificate(config: &Config) -> Option<Finding> {
    let files = config.tls.files()?;
    let key = files.key.clone();
    if let Err(error) = Certificate::load(files) {
        let remedy = "name a certificate and its private key, both in PEM";
        return Some(Finding::error("certificate", format_args!("[tls]: {error}"), remedy));
    }
    is_open_to_all(&key).then(|| {
        Finding::error(
            "certificate_key",
            format_args!("everybody on this machine may use {} (tls.key_file)", key.display()),
            format_args!("run: chmod o= {}", key.display()),
        )
    })
}

#[cfg(unix)]
fn is_open_to_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o007 != 0)
}

#[cfg(not(unix))]
fn is_open_to_all(_: &Path) -> bool {
    false
}
