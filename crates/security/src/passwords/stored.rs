//! Hashes as storage keeps them: ours, and those that Django made of the passwords of accounts that came from it.
//!
//! What a hash says of its own cost is bounded before it is believed: a row of the database must not be able to stop the
//! server.

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordVerifier as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The most memory for one hash, in bytes. Django's Argon2 takes 100 MiB.
const MAX_MEMORY: u64 = 256 << 20;
/// The most memory that one hash may write, in bytes. Django's Argon2 writes 200 MiB.
const MAX_WRITTEN: u64 = 2 << 30;
/// The most rounds of PBKDF2. Django 6 makes 1.2 million.
const MAX_ROUNDS: u32 = 10_000_000;
/// The greatest cost of bcrypt, as a power of two. Django's is 12.
const MAX_BCRYPT_COST: u32 = 15;

/// What a password is found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Not the one that was hashed.
    Wrong,
    /// The one that was hashed, as it is hashed today.
    Right,
    /// The one that was hashed, in another way than today's.
    Outdated,
}

/// Compares a password with a hash. None where there is nothing to compare with: a hash that cannot be read, or whose cost
/// is beyond all reason.
pub(super) fn compare(today: &Argon2<'_>, attempt: &[u8], stored: &str) -> Option<Found> {
    let (algorithm, rest) = stored.split_once('$')?;
    let right = match algorithm {
        "" => return compare_argon2(today, attempt, stored),
        "argon2" => return compare_argon2(today, attempt, &stored[algorithm.len()..]).map(outdated),
        "pbkdf2_sha256" => is_pbkdf2(attempt, rest),
        "bcrypt_sha256" => is_bcrypt(attempt, rest),
        "scrypt" => is_scrypt(attempt, rest),
        _ => None,
    };
    right.map(|right| if right { Found::Outdated } else { Found::Wrong })
}

const fn outdated(found: Found) -> Found {
    match found {
        Found::Right => Found::Outdated,
        other => other,
    }
}

/// `$argon2id$v=19$m=19456,t=2,p=1$…$…`, the PHC string format.
fn compare_argon2(today: &Argon2<'_>, attempt: &[u8], stored: &str) -> Option<Found> {
    let phc = phc::PasswordHash::new(stored).ok()?;
    let params = Params::try_from(&phc).ok()?;
    let memory = u64::from(params.m_cost()) * 1024;
    let is_todays = phc.algorithm.as_str() == Algorithm::Argon2id.as_str()
        && same_cost(&params, today.params())
        && phc.version == Some(argon2::Version::V0x13.into())
        && phc.hash.as_ref().is_some_and(|hash| hash.as_bytes().len() == Params::DEFAULT_OUTPUT_LEN);
    // What the operator has set needs no bound.
    let bearable = is_todays || (memory <= MAX_MEMORY && memory * u64::from(params.t_cost()) <= MAX_WRITTEN);
    if !bearable || phc.salt.is_none() || phc.hash.is_none() {
        return None;
    }
    match today.verify_password(attempt, &phc) {
        Ok(()) if is_todays => Some(Found::Right),
        Ok(()) => Some(Found::Outdated),
        Err(argon2::password_hash::Error::PasswordInvalid) => Some(Found::Wrong),
        Err(_) => None,
    }
}

fn same_cost(one: &Params, other: &Params) -> bool {
    (one.m_cost(), one.t_cost(), one.p_cost()) == (other.m_cost(), other.t_cost(), other.p_cost())
}

/// `iterations$salt$hash`, the hash in base64.
fn is_pbkdf2(attempt: &[u8], stored: &str) -> Option<bool> {
    let [rounds, salt, hash] = fields(stored)?;
    let rounds = rounds.parse().ok().filter(|rounds| (1..=MAX_ROUNDS).contains(rounds))?;
    let hash = STANDARD.decode(hash).ok().filter(|hash| hash.len() == 32)?;
    let mut found = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(attempt, salt.as_bytes(), rounds, &mut found);
    Some(found.ct_eq(hash.as_slice()).into())
}

/// `$2b$12$…`: bcrypt of the password's SHA-256 in hexadecimal, for bcrypt looks at 72 bytes only.
fn is_bcrypt(attempt: &[u8], stored: &str) -> Option<bool> {
    let parts: bcrypt::HashParts = stored.parse().ok()?;
    if parts.get_cost() > MAX_BCRYPT_COST {
        return None;
    }
    let digest: String = Sha256::digest(attempt).iter().map(|byte| format!("{byte:02x}")).collect();
    bcrypt::verify(digest, stored).ok()
}

/// `n$salt$r$p$hash`, the hash in base64.
fn is_scrypt(attempt: &[u8], stored: &str) -> Option<bool> {
    let [n, salt, r, p, hash] = fields(stored)?;
    let n: u64 = n.parse().ok().filter(|n: &u64| n.is_power_of_two())?;
    let (r, p): (u32, u32) = (r.parse().ok()?, p.parse().ok()?);
    let memory = n.checked_mul(128)?.checked_mul(u64::from(r))?;
    if memory > MAX_MEMORY || memory.checked_mul(u64::from(p))? > MAX_WRITTEN || r > 64 {
        return None;
    }
    let params = scrypt::Params::new(u8::try_from(n.ilog2()).ok()?, r, p).ok()?;
    let hash = STANDARD.decode(hash).ok().filter(|hash| hash.len() == 64)?;
    let mut found = [0; 64];
    scrypt::scrypt(attempt, salt.as_bytes(), &params, &mut found).ok()?;
    Some(found.ct_eq(hash.as_slice()).into())
}

fn fields<const N: usize>(stored: &str) -> Option<[&str; N]> {
    stored.split('$').collect::<Vec<_>>().try_into().ok()
}

#[cfg(test)]
mod tests {
    use argon2::Version;

    use super::*;

    const PASSWORD: &str = "Zwölf Boxkämpfer jagen Viktor";

    /// What Django 5.2.19 made of that password with `make_password(password, hasher=…)`, argon2-cffi and bcrypt from PyPI.
    const DJANGO: [&str; 4] = [
        "pbkdf2_sha256$1000000$mJKZhJ1RtUKTsWCQUmhR4E$OXlULoKgVKNyJQhfR/2zqGdd4vE5FKLnbS+DtgonrYg=",
        "argon2$argon2id$v=19$m=102400,t=2,p=8$M0dxSEwwN0k2VzNUd0F2amdoank5UQ$ULUh704tCcrj7Kb0csVoE0Xgi3rx59TPUh2T4lPmooA",
        "bcrypt_sha256$$2b$12$NDBuaGYwVpC4SQcrH2.n8.ix9LxaYX.pPwIOG.TzfJ8sOfE3/kVj.",
        "scrypt$16384$qf2frYJPeXdYG7MJ4QXXbF$8$5$EVK4LSzOmtQ1DjKhKqgoMLKU/fj9C9eKg5syM2CHCN4D1K6//lFWajue0yRCj9I+escWEoIcpdadZBmsc7oaFg==",
    ];

    fn today() -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap())
    }

    fn found(password: &str, stored: &str) -> Option<Found> {
        compare(&today(), password.as_bytes(), stored)
    }

    #[test]
    fn hashes_that_django_made_verify() {
        for stored in DJANGO {
            assert_eq!(found(PASSWORD, stored), Some(Found::Outdated), "{stored}");
            assert_eq!(found("Zwölf Boxkämpfer jagen Victor", stored), Some(Found::Wrong), "{stored}");
        }
    }

    #[test]
    fn a_hash_of_other_parameters_is_outdated() {
        use argon2::PasswordHasher as _;
        let of = |algorithm, params| {
            let argon2 = Argon2::new(algorithm, Version::V0x13, params);
            argon2.hash_password(PASSWORD.as_bytes()).unwrap().to_string()
        };
        let todays = Params::new(8, 1, 1, None).unwrap();
        assert_eq!(found(PASSWORD, &of(Algorithm::Argon2id, todays.clone())), Some(Found::Right));
        assert_eq!(found(PASSWORD, &of(Algorithm::Argon2i, todays)), Some(Found::Outdated));
        for params in [(16, 1, 1, None), (8, 2, 1, None), (16, 1, 2, None), (8, 1, 1, Some(16))] {
            let (memory, passes, lanes, length) = params;
            let params = Params::new(memory, passes, lanes, length).unwrap();
            assert_eq!(found(PASSWORD, &of(Algorithm::Argon2id, params)), Some(Found::Outdated));
        }
    }

    #[test]
    fn what_cannot_be_read_is_compared_with_nothing() {
        for stored in [
            "",
            "!",
            "!5E3DUmb9N7uWjGholy21nohQvtXzkhduBTUjMUcf",
            "secret",
            "$",
            "md5$salt$0123",
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ",
            "argon2$",
            "pbkdf2_sha256$1000",
            "pbkdf2_sha256$0$salt$OXlULoKgVKNyJQhfR/2zqGdd4vE5FKLnbS+DtgonrYg=",
            "pbkdf2_sha256$-1$salt$OXlULoKgVKNyJQhfR/2zqGdd4vE5FKLnbS+DtgonrYg=",
            "pbkdf2_sha256$1$salt$",
            "pbkdf2_sha256$1$salt$AAAA",
            "pbkdf2_sha256$1$salt$not base64",
            "bcrypt_sha256$$2b$12$short",
            "bcrypt_sha256$$2b$04$\u{e9}\u{e9}BuaGYwVpC4SQcrH2.n8.ix9LxaYX.pPwIOG.TzfJ8sOfE3/kV",
            "scrypt$16384$salt$8$5$",
            "scrypt$0$salt$8$5$AAAA",
            "scrypt$3$salt$8$5$AAAA",
        ] {
            assert_eq!(found(PASSWORD, stored), None, "{stored}");
        }
    }

    /// Each would take hours or all memory. None is begun.
    #[test]
    fn hostile_costs_are_refused_at_once() {
        let hash64 = "EVK4LSzOmtQ1DjKhKqgoMLKU/fj9C9eKg5syM2CHCN4D1K6//lFWajue0yRCj9I+escWEoIcpdadZBmsc7oaFg==";
        let hash43 = "ULUh704tCcrj7Kb0csVoE0Xgi3rx59TPUh2T4lPmooA";
        for stored in [
            "pbkdf2_sha256$4294967295$salt$OXlULoKgVKNyJQhfR/2zqGdd4vE5FKLnbS+DtgonrYg=".to_owned(),
            "pbkdf2_sha256$99999999999999$salt$OXlULoKgVKNyJQhfR/2zqGdd4vE5FKLnbS+DtgonrYg=".to_owned(),
            format!("argon2$argon2id$v=19$m=4294967295,t=2,p=8$M0dxSEwwN0k2VzNUd0F2amdoank5UQ${hash43}"),
            format!("$argon2id$v=19$m=8,t=4294967295,p=1$M0dxSEwwN0k2VzNUd0F2amdoank5UQ${hash43}"),
            format!("$argon2d$v=19$m=524288,t=1,p=1$M0dxSEwwN0k2VzNUd0F2amdoank5UQ${hash43}"),
            "bcrypt_sha256$$2b$31$NDBuaGYwVpC4SQcrH2.n8.ix9LxaYX.pPwIOG.TzfJ8sOfE3/kVj.".to_owned(),
            format!("scrypt$9223372036854775808$salt$8$5${hash64}"),
            format!("scrypt$1048576$salt$8$1${hash64}"),
            format!("scrypt$2$salt$4294967295$4294967295${hash64}"),
            format!("scrypt$16384$salt$8$4294967295${hash64}"),
            format!("scrypt$2$salt$1$4294967295${hash64}"),
        ] {
            assert_eq!(found(PASSWORD, &stored), None, "{stored}");
        }
    }
}
