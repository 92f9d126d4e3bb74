//! Mails in files, for development.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use confab_application::ports::{Mail, MailError, Mailer};
use lettre::message::Mailbox;

use crate::message::message;
use crate::smtp::SetUpError;

/// Writes each mail into a file of its own, for its owner only: `<id>.eml`. The names sort by time.
pub struct FileMailer {
    from: Mailbox,
    folder: PathBuf,
}

impl FileMailer {
    /// Mails from this mailbox in this folder, which is made when there is a mail.
    ///
    /// # Errors
    /// [`SetUpError::From`] where it is no mailbox.
    pub fn new(from: &str, folder: &Path) -> Result<Self, SetUpError> {
        let from = from.parse().map_err(|error: lettre::address::AddressError| SetUpError::From(error.to_string()))?;
        Ok(Self { from, folder: folder.to_owned() })
    }
}

#[async_trait]
impl Mailer for FileMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let path = self.folder.join(format!("{}.eml", mail.id));
        let text = message(&self.from, mail)?.formatted();
        let written = tokio::task::spawn_blocking(move || write(&path, &text)).await.map_err(io::Error::other);
        let path = written.and_then(|written| written).map_err(|error| {
            MailError::Failed(format!("{} cannot be written (mail.folder): {error}", self.folder.display()))
        })?;
        tracing::info!(path = %path.display(), "wrote a mail into a file, for mail.transport is file");
        Ok(())
    }
}

/// Whoever sees the file sees all of it.
fn write(path: &Path, text: &[u8]) -> io::Result<PathBuf> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let (mut folders, mut files) = (DirBuilder::new(), OpenOptions::new());
    files.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        folders.mode(0o700);
        files.mode(0o600);
    }
    folders.recursive(true).create(folder)?;
    let unfinished = path.with_extension("part");
    files.open(&unfinished)?.write_all(text)?;
    fs::rename(&unfinished, path)?;
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::tests::mail;

    #[tokio::test]
    async fn a_mail_is_a_file_of_its_owner_s_alone() {
        let folder = tempfile::TempDir::new().unwrap();
        let mails = folder.path().join("data/mail");
        let mailer = FileMailer::new("Confab <confab@localhost>", &mails).unwrap();
        for _ in 0..2 {
            mailer.send(&mail("zoe@example.org")).await.unwrap();
        }
        let files: Vec<_> = fs::read_dir(&mails).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(files, [mails.join("00000000-0000-0000-0000-000000000007.eml")], "sent twice, it is one file");
        assert!(fs::read_to_string(&files[0]).unwrap().contains("Token: secret"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&mails), mode(&files[0])), (0o700, 0o600));
        }
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_to_is_named() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        let mailer = FileMailer::new("confab@localhost", &file).unwrap();
        let error = mailer.send(&mail("zoe@example.org")).await.unwrap_err();
        assert!(matches!(&error, MailError::Failed(reason) if reason.contains("mail.folder")), "{error}");
    }
}
