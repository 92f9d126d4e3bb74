//! What the files tell that the configuration names.

use std::path::Path;

use confab_http::Certificate;
use confab_security::{KeyInfo, KeySet};

use super::Finding;
use crate::config::Config;
use crate::keys;

/// All that is wrong with them.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    signing_keys(&config.auth.signing_key_file).into_iter().chain(certificate(config)).collect()
}

/// A key that is not there yet is made at the start, and is good.
fn signing_keys(path: &Path) -> Vec<Finding> {
    if !path.exists() {
        return Vec::new();
    }
    let remedy = "`chmod 600` it where it is its owner's; else move it away, and the next start makes a new one (everybody \
                  then has to refresh their tokens)";
    let thought_up = |key: KeyInfo| {
        Finding::error(
            "signing_key",
            format_args!(
                "the signing key {} in {} (auth.signing_key_file) was thought up and not made at random: whoever guesses \
                 it can be anybody",
                key.id,
                path.display()
            ),
            "run: confab keys rotate --drop-others (everybody then has to refresh their tokens)",
        )
    };
    match KeySet::load(path) {
        Err(error) => {
            vec![Finding::error("signing_key", format_args!("{error} (auth.signing_key_file)"), remedy)]
        }
        Ok(keys) => keys::guessable(&keys).into_iter().map(thought_up).collect(),
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
