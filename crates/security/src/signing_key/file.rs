//! The file that the keys are kept in.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use confab_domain::Timestamp;

use super::set::{Dates, Entry};
use super::{KeyError, KeyFileError, KeySet, SigningKey};

/// The longest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 16 * 1024;

/// base64url, with padding or without.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl KeySet {
    /// Reads the keys in a file: one a line, in base64url, and after it when it was made and from when on it signs. A file from
    /// before there could be several has one line without times.
    ///
    /// # Errors
    /// [`KeyFileError`] where it cannot be read, where others than its owner may use it (on Unix), or where what it
    /// holds are no keys.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        read(path).map_err(|fault| fault.at(path))
    }

    /// Reads the keys in a file, or makes one and keeps it there; a file and folders that it makes are for their owner
    /// only. Of several processes that do so at once, all get the same key; one that dies meanwhile leaves no half of a
    /// key.
    ///
    /// # Errors
    /// As [`KeySet::load`], and where the file cannot be made.
    pub fn load_or_create(path: &Path, now: Timestamp) -> Result<Self, KeyFileError> {
        let result = match read(path) {
            Err(Fault { reason: KeyError::Unreadable(error), .. }) if error.kind() == io::ErrorKind::NotFound => {
                create(path, now).map_err(Fault::from).and_then(|()| read(path))
            }
            result => result,
        };
        result.map_err(|fault| fault.at(path))
    }

    /// Changes the keys in a file. Whoever reads it meanwhile finds the old ones or the new ones; of two who change it at once
    /// one is refused; one that dies meanwhile leaves the old ones.
    ///
    /// # Errors
    /// As [`KeySet::load`]; those of `change`; [`KeyError::BeingChanged`]; where the file cannot be written.
    pub fn change(path: &Path, change: impl FnOnce(&Self) -> Result<Self, KeyError>) -> Result<Self, KeyFileError> {
        // The file itself, where the path is a link to it.
        let real = fs::canonicalize(path).map_err(|error| Fault::from(KeyError::Unreadable(error)).at(path))?;
        replace(&real, change).map_err(|fault| fault.at(path))
    }
}

/// What is wrong, and in which line.
struct Fault {
    line: Option<usize>,
    reason: KeyError,
}

impl Fault {
    fn at(self, path: &Path) -> KeyFileError {
        KeyFileError { path: path.to_owned(), line: self.line, reason: self.reason }
    }
}

impl From<KeyError> for Fault {
    fn from(reason: KeyError) -> Self {
        Self { line: None, reason }
    }
}

fn read(path: &Path) -> Result<KeySet, Fault> {
    let file = File::open(path).map_err(KeyError::Unreadable)?;
    check(&file)?;
    let mut text = String::new();
    file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => KeyError::Malformed,
        _ => KeyError::Unreadable(error),
    })?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(KeyError::Malformed.into());
    }
    let several = text.trim().lines().count() > 1;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let entries =
        lines.map(|(at, line)| parse(line).map_err(|reason| Fault { line: several.then_some(at + 1), reason }));
    Ok(KeySet::restore(entries.collect::<Result<_, _>>()?)?)
}

/// A key in a line.
fn parse(line: &str) -> Result<Entry, KeyError> {
    let words: Vec<_> = line.split_whitespace().collect();
    let (secret, dates) = match words[..] {
        [secret] => (secret, None),
        [secret, made, signs_from] => {
            let time = |text| Timestamp::parse(text).map_err(|_| KeyError::Malformed);
            (secret, Some(Dates { made: time(made)?, signs_from: time(signs_from)? }))
        }
        _ => return Err(KeyError::Malformed),
    };
    let bytes = BASE64URL.decode(secret).map_err(|_| KeyError::Malformed)?;
    let key = SigningKey::from_bytes(&bytes)?;
    Ok(Entry { id: key.id(), key, dates })
}

/// The text of a file with these keys.
fn text(keys: &KeySet) -> String {
    let line = |Entry { key, dates, .. }: &Entry| {
        let secret = URL_SAFE_NO_PAD.encode(key.as_bytes());
        match dates {
            Some(Dates { made, signs_from }) => format!("{secret} {made} {signs_from}\n"),
            None => format!("{secret}\n"),
        }
    };
    keys.as_slice().iter().map(line).collect()
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
fn create(path: &Path, now: Timestamp) -> Result<(), KeyError> {
    let folder = folder_of(path);
    create_folder(folder).map_err(KeyError::NotWritten)?;
    let keys = KeySet::generate(now)?;
    let mut number = [0; 8];
    getrandom::fill(&mut number).map_err(|error| KeyError::NoRandomness(error.to_string()))?;
    let draft = folder.join(format!(".signing-key-{:016x}", u64::from_ne_bytes(number)));

    let written = open_new(&draft).and_then(|file| fill(file, &keys, None));
    let outcome = written.and_then(|()| match fs::hard_link(&draft, path) {
        // A rename would replace the key that another process may have put there meanwhile; a link does not.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked.and_then(|()| sync_folder(folder)),
    });
    let removed = fs::remove_file(&draft);
    outcome.and(removed).map_err(KeyError::NotWritten)
}

/// Puts other keys in the place of a file's. The draft, which only one process can make, keeps all others out.
fn replace(path: &Path, change: impl FnOnce(&KeySet) -> Result<KeySet, KeyError>) -> Result<KeySet, Fault> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = PathBuf::from(draft);
    let metadata = fs::metadata(path).map_err(KeyError::Unreadable)?;
    let file = match open_new(&draft) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(KeyError::BeingChanged(draft).into()),
        opened => opened.map_err(KeyError::NotWritten)?,
    };
    let outcome = read(path).and_then(|old| {
        let new = change(&old)?;
        let written = fill(file, &new, Some(&metadata));
        written.and_then(|()| fs::rename(&draft, path)).map_err(KeyError::NotWritten)?;
        sync_folder(folder_of(path)).map_err(KeyError::NotWritten)?;
        Ok(new)
    });
    if outcome.is_err() {
        let _ = fs::remove_file(&draft);
    }
    outcome
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn open_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes keys durably. A file in the place of another is its owner's, whoever writes it: root does so for servers that are not.
fn fill(mut file: File, keys: &KeySet, instead_of: Option<&Metadata>) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(other) = instead_of {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (other.uid(), other.gid()) {
            fchown(&file, Some(other.uid()), Some(other.gid()))?;
        }
    }
    #[cfg(not(unix))]
    let _ = instead_of;
    file.write_all(text(keys).as_bytes())?;
    file.sync_all()
}
/// Makes a new name durable. Only Unix opens folders for that.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("2026-01-31T09:30:00Z").unwrap()
    }

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
        let made = KeySet::load_or_create(&path, now()).unwrap();
        assert_eq!(KeySet::load_or_create(&path, now()).unwrap(), made);
        assert_eq!(KeySet::load(&path).unwrap(), made);
        assert_eq!(names(path.parent().unwrap()), ["signing.key"], "no draft is left");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text[43..] == *" 2026-01-31T09:30:00.000000Z 2026-01-31T09:30:00.000000Z\n", "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_and_its_folders_are_the_owner_s_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/signing.key");
        KeySet::load_or_create(&path, now()).unwrap();
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
                KeySet::load_or_create(&path, now()).unwrap()
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
        KeySet::load_or_create(&path, now()).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601, 0o644, 0o666] {
            set_mode(&path, mode);
            let error = KeySet::load_or_create(&path, now()).unwrap_err().to_string();
            assert!(error.contains(&format!("(its mode is {mode:04o})")), "{error}");
            assert!(error.ends_with(&format!("; run: chmod 600 {}", path.display())), "{error}");
        }
        set_mode(&path, 0o400);
        assert!(KeySet::load_or_create(&path, now()).is_ok());
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused_by_name_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        const MALFORMED: &str = "is not base64url, alone or with the times that `confab keys` writes after it";
        let (short, long) = (URL_SAFE_NO_PAD.encode([7; 31]), URL_SAFE_NO_PAD.encode([7; 32]));
        let second_short = format!("{long}\n{short} {} {}\n", now(), now());
        let twice = format!("{long}\n{long} {} {}\n", now(), now());
        let two_bare = format!("{long}\n{}\n", URL_SAFE_NO_PAD.encode([8; 32]));
        let one_time = format!("{long} {}", now());
        for (bytes, reason) in [
            (&b""[..], "is not there: its file is empty"),
            (b"\n \n", "is not there: its file is empty"),
            (short.as_bytes(), "has 31 bytes, and must have at least 32"),
            (second_short.as_bytes(), "(line 2) has 31 bytes, and must have at least 32"),
            (twice.as_bytes(), "is there twice, or there are two without the times that `confab keys` writes"),
            (two_bare.as_bytes(), "is there twice, or there are two without the times that `confab keys` writes"),
            (one_time.as_bytes(), MALFORMED),
            (b"not a key", MALFORMED),
            (b"\xff\xfe\x00", MALFORMED),
            (&[b'A'; 20_000], MALFORMED),
        ] {
            let path = file(folder.path(), bytes);
            let error = KeySet::load_or_create(&path, now()).unwrap_err();
            assert_eq!(error.to_string(), format!("the signing key {} {reason}", path.display()));
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn padding_and_white_space_around_it_do_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("  {}=\r\n", URL_SAFE_NO_PAD.encode([7; 32]));
        let path = file(folder.path(), text.as_bytes());
        assert_eq!(KeySet::load(&path).unwrap(), SigningKey::from_bytes(&[7; 32]).unwrap().into());
    }

    #[test]
    fn what_cannot_be_read_or_written_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let missing = KeySet::load(&folder.path().join("none")).unwrap_err().to_string();
        assert!(missing.contains("cannot be read: "), "{missing}");
        let no_file = KeySet::load_or_create(folder.path(), now()).unwrap_err().to_string();
        assert!(no_file.ends_with("is not a file"), "{no_file}");
        let path = file(folder.path(), b"").join("below/signing.key");
        assert!(KeySet::load_or_create(&path, now()).is_err());
    }

    #[test]
    fn a_key_is_added_in_one_step_and_the_file_of_one_key_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), format!("{}\n", URL_SAFE_NO_PAD.encode([7; 32])).as_bytes());
        set_mode(&path, 0o400);
        let later = now().plus_seconds(10);
        let changed = KeySet::change(&path, |keys| keys.rotate(now(), later)).unwrap();
        assert_eq!(KeySet::load(&path).unwrap(), changed);
        assert_eq!((changed.len(), names(folder.path())), (2, vec!["signing.key".to_owned()]));
        let refused = KeySet::change(&path, |_| Err(KeyError::TooMany)).unwrap_err();
        assert!(matches!(refused.reason, KeyError::TooMany));
        assert_eq!(KeySet::load(&path).unwrap(), changed, "a refused change leaves the file");
        assert_eq!(names(folder.path()), ["signing.key"], "and no draft");
        fs::write(folder.path().join("signing.key.new"), "").unwrap();
        let told = KeySet::change(&path, |keys| Ok(keys.clone())).unwrap_err().to_string();
        assert!(told.contains("is being changed by another process") && told.ends_with("signing.key.new"), "{told}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_the_file_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let real = file(folder.path(), URL_SAFE_NO_PAD.encode([7; 32]).as_bytes());
        let link = folder.path().join("link.key");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let changed = KeySet::change(&link, |keys| keys.rotate(now(), now())).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(KeySet::load(&real).unwrap(), changed);
    }

    #[test]
    fn of_many_who_rotate_at_once_none_undoes_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), URL_SAFE_NO_PAD.encode([7; 32]).as_bytes());
        let start = Barrier::new(8);
        let done: usize = thread::scope(|scope| {
            let rotate = || {
                start.wait();
                usize::from(KeySet::change(&path, |keys| keys.rotate(now(), now())).is_ok())
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(rotate)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert!(done >= 1);
        assert_eq!(KeySet::load(&path).unwrap().len(), 1 + done);
        assert_eq!(names(folder.path()), ["signing.key"]);
    }
}
