//! Whether a new password can be guessed.

use confab_application::ports::Weakness;
use confab_domain::Password;

/// A password that fewer guesses find is too weak. By the estimate of zxcvbn, which knows the 30,000 most common ones, names,
/// words, rows of keys, dates, repetitions, and what each becomes with a 0 for an o; 10^8 is where it begins to call a
/// password safe.
const GUESSES: u64 = 100_000_000;
/// The same for what is left of a password without what is known of its owner.
const GUESSES_BESIDE: u64 = 1_000_000;
/// As many characters as are looked at: beyond it the estimate takes long, and overflows. What many others begin with is no
/// better for its length.
const CHARACTERS: usize = 24;
/// As many words about the owner as are looked at.
const WORDS: usize = 32;
/// The least bytes of such a word: three letters, or two of those that say more.
const MIN_WORD_BYTES: usize = 3;

/// What is wrong with a password whose owner these texts are known about.
pub(super) fn weakness(password: &Password, about: &[String]) -> Option<Weakness> {
    if guesses(password.reveal()) < GUESSES {
        return Some(Weakness::Common);
    }
    let whole = password.reveal().to_lowercase();
    let mut words: Vec<String> = about.iter().flat_map(|text| words(text)).take(WORDS).collect();
    words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words.iter().fold(whole.clone(), |rest, word| rest.replace(word, ""));
    let rest_of_it: String = rest.chars().filter(|c| c.is_alphanumeric()).collect();
    (rest != whole && guesses(&rest_of_it) < GUESSES_BESIDE).then_some(Weakness::Personal)
}

fn guesses(password: &str) -> u64 {
    let beginning: String = password.chars().take(CHARACTERS).collect();
    zxcvbn::zxcvbn(&beginning, &[]).guesses()
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() >= MIN_WORD_BYTES);
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(password: &str) -> Option<Weakness> {
        let about = ["Ada.Lovelace@analytical-engine.example", "Augusta Ada", "Lovelace", "王芳"].map(str::to_owned);
        weakness(&Password::parse(password.to_owned()).unwrap(), &about)
    }

    #[test]
    fn common_passwords_and_simple_patterns_are_refused() {
        for password in [
            "1234567890",
            "password123",
            "P@ssw0rd123",
            "passwordpassword",
            "qwertyuiop",
            "1q2w3e4r5t",
            "iloveyou12",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabc",
            "31.01.1999",
            "monkeydragon",
            &"password".repeat(100),
        ] {
            assert_eq!(of(password), Some(Weakness::Common), "{password}");
        }
    }

    #[test]
    fn what_is_made_of_the_owner_s_name_or_address_is_refused() {
        for password in [
            "adalovelace1815",
            "ADA.LOVELACE@analytical-engine.example",
            "analytical-engine",
            "Lovelace-Augusta",
            "augusta-Ada-1815!",
            "王芳-1987-王芳!!",
        ] {
            assert_eq!(of(password), Some(Weakness::Personal), "{password}");
        }
    }

    #[test]
    fn whatever_is_hard_to_guess_is_good() {
        for password in [
            "correct horse battery",
            "staple of the day",
            "xk2-vvnm-Wq8",
            "lovelace xkqpw vvnm",
            "the password of ada",
            "сорок тысяч обезьян",
            &"a well-known line of a poem ".repeat(30),
        ] {
            assert_eq!(of(password), None, "{password}");
        }
    }

    /// The estimate is made by a crate whose arithmetic is not checked when it is optimised; here it is.
    #[test]
    fn the_worst_that_it_can_be_given_neither_overflows_nor_takes_long() {
        let start = std::time::Instant::now();
        let bases =
            ["1q", "aB3$", "é", "2010-10-10", "l337p4$$w0rd", "zxcvfr432", "\u{10ffff}\0", "1qaz2wsx", "4@8({[<36"];
        let mut count = 0;
        for base in bases {
            for length in [10, 17, 24, 25, 1000] {
                let password: String = base.chars().cycle().take(length).collect();
                of(&password[..password.floor_char_boundary(Password::MAX_BYTES)]);
                count += 1;
            }
        }
        // 20 ms each would still be less than the hashing that follows.
        assert!(start.elapsed() < std::time::Duration::from_millis(20 * count), "{:?}", start.elapsed());
    }
}
