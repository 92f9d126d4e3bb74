//! The mails that a server of the tests has written into files.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// The mails in the folder of a server, in the order in which they were asked for.
#[derive(Debug, Clone)]
pub struct Mails(PathBuf);

impl Mails {
    /// Those of the server that runs in this folder.
    pub fn of(folder: &Path) -> Self {
        Self(folder.join("data/mail"))
    }

    /// Waits until there are so many mails to an address, and returns the newest.
    ///
    /// # Panics
    /// Where they do not come within half a minute.
    pub async fn wait_for(&self, email: &str, count: usize) -> String {
        let all = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                let mails = self.to(email);
                if mails.len() >= count {
                    return mails;
                }
                // There is nothing to wait on but the folder.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
        let mut all = all.unwrap_or_else(|_| panic!("no {count} mails to {email} but {:?}", self.to(email)));
        all.pop().unwrap()
    }

    /// The mails to an address so far.
    pub fn to(&self, email: &str) -> Vec<String> {
        let Ok(folder) = std::fs::read_dir(&self.0) else { return Vec::new() };
        let mut files: Vec<_> = folder.map(|file| file.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        let to = format!("\r\nTo: {email}\r\n");
        files.iter().map(|path| std::fs::read_to_string(path).unwrap()).filter(|mail| mail.contains(&to)).collect()
    }

    /// The token in a mail.
    ///
    /// # Panics
    /// Where there is none.
    pub fn token(mail: &str) -> String {
        let (_, rest) = mail.split_once("Token: ").unwrap_or_else(|| panic!("no token in {mail}"));
        rest.lines().next().unwrap().to_owned()
    }
}
