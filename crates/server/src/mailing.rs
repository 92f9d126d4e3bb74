//! What sends mails, and the task that has it send those that are due.

use std::sync::Arc;
use std::time::Duration;

use confab_application::mail::{self, MAX_BATCH, RetryPolicy};
use confab_application::ports::Mailer;
use confab_application::{App, Error};
use confab_mail::{FileMailer, LogMailer, SmtpMailer};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{MailSection, MailTransport};
use crate::failure::{Failure, causes};

/// How often it is looked whether a mail is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often what nobody needs any more is forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// What the settings say that mails are sent with.
///
/// # Errors
/// Where the settings do not make one.
pub fn mailer(config: &MailSection) -> Result<Arc<dyn Mailer>, Failure> {
    let wrong = |error| Failure::usage(format_args!("[mail] {error}"));
    Ok(match config.transport {
        MailTransport::Log => Arc::new(LogMailer),
        MailTransport::File => Arc::new(FileMailer::new(&config.from, &config.folder).map_err(wrong)?),
        MailTransport::Smtp => Arc::new(SmtpMailer::new(&config.from, &config.smtp()).map_err(wrong)?),
    })
}

/// Sends mails until it is told to stop. A mail that is being sent then is sent first.
pub struct Mailing {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Mailing {
    /// Begins.
    pub fn start(app: App, mailer: Arc<dyn Mailer>, policy: RetryPolicy) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(work(app, mailer, policy, stopped)) }
    }

    /// Stops, within this time. A mail that is not done with by then is sent again after the next start.
    pub async fn stop(self, within: Duration) {
        let _ = self.stop.send(true);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(within, self.task).await.is_err() {
            abort.abort();
            tracing::warn!("a mail was being sent when the time to stop was up; it will be sent again");
        }
    }
}

async fn work(app: App, mailer: Arc<dyn Mailer>, policy: RetryPolicy, mut stopped: watch::Receiver<bool>) {
    let mut tidy = tokio::time::interval(TIDY_EVERY);
    loop {
        let more = match mail::deliver(&app, mailer.as_ref(), policy).await {
            Ok(count) => count == MAX_BATCH as usize,
            Err(error) => complain(&error),
        };
        if *stopped.borrow() {
            return;
        }
        if more {
            continue;
        }
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = tidy.tick() => {
                if let Err(error) = mail::housekeeping(&app).await {
                    complain(&error);
                }
            }
        }
    }
}

/// Storage may be away. It is asked again in a moment.
fn complain(error: &Error) -> bool {
    tracing::warn!(error = causes(error), "the mails that wait cannot be read");
    false
}
