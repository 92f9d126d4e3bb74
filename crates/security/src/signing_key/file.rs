//! The file that a key is kept in.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{KeyError, KeyFileError, SigningKey};

/// The longest file that is read as a key, in bytes.
const MAX_FILE_BYTES: u64 = 4096;

/// base64url, with padding or without.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl SigningKey {
    /// Reads the key in a file.
    ///
    /// # Errors
    /// [`KeyFileError`] where it cannot be read, where others than its owner may use it (on Unix), or where what it
    /// holds is no key.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        read(path).map_err(|reason| KeyFileError { path: path.to_owned(), reason })
    }

    /// Reads the key in a file, or makes one and keeps it there; a file and folders that it makes are for their owner
    /// only. Of several processes that do so at once, all get the same key; one that dies meanwhile leaves no half of a
    /// key.
    ///
    /// # Errors
    /// As [`SigningKey::load`], and where the file cannot be made.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyFileError> {
        let result = match read(path) {
            Err(KeyError::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => {
                create(path).and_then(|()| read(path))
            }
            result => result,
        };
        result.map_err(|reason| KeyFileError { path: path.to_owned(), reason })
    }
}

fn read(path: &Path) -> Result<SigningKey, KeyError> {
    let file = File::open(path).map_err(KeyError::Unreadable)?;
    check(&file)?;
    let mut text = String::new();
    file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => KeyError::Malformed,
        _ => KeyError::Unreadable(error),
    })?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(KeyError::Malformed);
    }
    let bytes = BASE64URL.decode(text.trim()).map_err(|_| KeyError::Malformed)?;
    SigningKey::from_bytes(&bytes)
}

/// Refuses what is no file, or not its owner's alone.
fn check(file: &File) -> Result<(), KeyError> {
    let metadata = file.metadata().map_err(KeyError::Unreadable)?;
    if !metadata.is_file() {
        return Err(KeyError::NotAFile);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed { mode });
        }
    }
    Ok(())
}

/// Makes a file with a new key, unless there is one by then.
fn create(path: &Path) -> Result<(), KeyError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    create_folder(folder).map_err(KeyError::NotWritten)?;
    let key = SigningKey::generate()?;
    let mut number = [0; 8];
    getrandom::fill(&mut number).map_err(|error| KeyError::NoRandomness(error.to_string()))?;
    let draft = folder.join(format!(".signing-key-{:016x}", u64::from_ne_bytes(number)));

    let outcome = write_new(&draft, &key).and_then(|()| match fs::hard_link(&draft, path) {
        // A rename would replace the key that another process may have put there meanwhile; a link does not.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked.and_then(|()| sync_folder(folder)),
    });
    let removed = fs::remove_file(&draft);
    outcome.and(removed).map_err(KeyError::NotWritten)
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn write_new(path: &Path, key: &SigningKey) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", URL_SAFE_NO_PAD.encode(key.as_bytes()))?;
    file.sync_all()
}

/// Makes a new name durable. Only Unix opens folders for that.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// A file of mode 0600 that holds this.
    fn file(folder: &Path, bytes: &[u8]) -> PathBuf {
        let path = folder.join("signing.key");
        fs::write(&path, bytes).unwrap();
        set_mode(&path, 0o600);
        path
    }

    fn set_mode(path: &Path, mode: u32) {
        #[cfg(unix)]
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        #[cfg(not(unix))]
        let _ = (path, mode);
    }

    #[test]
    fn a_key_that_was_made_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some/data/signing.key");
        let made = SigningKey::load_or_create(&path).unwrap();
        assert_eq!(SigningKey::load_or_create(&path).unwrap().as_bytes(), made.as_bytes());
        assert_eq!(SigningKey::load(&path).unwrap().as_bytes(), made.as_bytes());
        assert_eq!(names(path.parent().unwrap()), ["signing.key"], "no draft is left");
        assert_eq!(fs::read_to_string(&path).unwrap().len(), 44);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_and_its_folders_are_the_owner_s_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/signing.key");
        SigningKey::load_or_create(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
    }

    #[test]
    fn all_who_start_at_once_get_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/signing.key");
        let start = Barrier::new(16);
        let keys: Vec<_> = thread::scope(|scope| {
            let make = || {
                start.wait();
                SigningKey::load_or_create(&path).unwrap().as_bytes().to_vec()
            };
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(make)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(names(path.parent().unwrap()), ["signing.key"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_use_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing.key");
        SigningKey::load_or_create(&path).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601, 0o644, 0o666] {
            set_mode(&path, mode);
            let error = SigningKey::load_or_create(&path).unwrap_err().to_string();
            assert!(error.contains(&format!("(its mode is {mode:04o})")), "{error}");
            assert!(error.ends_with(&format!("; run: chmod 600 {}", path.display())), "{error}");
        }
        set_mode(&path, 0o400);
        assert!(SigningKey::load_or_create(&path).is_ok());
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused_by_name_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let short = URL_SAFE_NO_PAD.encode([7; 31]);
        for (bytes, reason) in [
            (&b""[..], "has 0 bytes, and must have at least 32"),
            (short.as_bytes(), "has 31 bytes, and must have at least 32"),
            (b"not a key", "is not one line of base64url"),
            (b"\xff\xfe\x00", "is not one line of base64url"),
            (&[b'A'; 5000], "is not one line of base64url"),
        ] {
            let path = file(folder.path(), bytes);
            let error = SigningKey::load_or_create(&path).unwrap_err();
            assert_eq!(error.to_string(), format!("the signing key {} {reason}", path.display()));
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn padding_and_white_space_around_it_do_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("  {}=\r\n", URL_SAFE_NO_PAD.encode([7; 32]));
        let path = file(folder.path(), text.as_bytes());
        assert_eq!(SigningKey::load(&path).unwrap().as_bytes(), [7; 32]);
    }

    #[test]
    fn what_cannot_be_read_or_written_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let missing = SigningKey::load(&folder.path().join("none")).unwrap_err().to_string();
        assert!(missing.contains("cannot be read: "), "{missing}");
        let no_file = SigningKey::load_or_create(folder.path()).unwrap_err().to_string();
        assert!(no_file.ends_with("is not a file"), "{no_file}");
        let path = file(folder.path(), b"").join("below/signing.key");
        assert!(SigningKey::load_or_create(&path).is_err());
    }
}
