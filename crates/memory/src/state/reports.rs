//! Reports of messages.

use std::sync::Arc;

use confab_application::ports::{Constraint, Limit, Page, PageRequest, Position, ReportFilter, StoreError};
use confab_domain::{MessageId, Report, ReportId, UserId};

use super::{State, require_free, require_row, require_target};

impl State {
    pub(crate) fn report(&self, id: ReportId) -> Option<Report> {
        self.reports.get(&id).map(|report| Report::clone(report))
    }

    pub(crate) fn own_report(&self, reporter: UserId, message: MessageId) -> Option<Report> {
        self.report(*self.reports_by_reporter.get(&(reporter, message))?)
    }

    pub(crate) fn list_reports(&self, filter: ReportFilter, page: &PageRequest<ReportId>) -> Page<Report> {
        let rows: Box<dyn Iterator<Item = &Arc<Report>>> = match page.position {
            None => Box::new(self.reports.values().rev()),
            Some(Position::After(key)) => Box::new(self.reports.range(..key).rev().map(|(_, report)| report)),
            Some(Position::Before(key)) => {
                Box::new(self.reports.range(key..).filter(move |(id, _)| **id != key).map(|(_, report)| report))
            }
        };
        let rows = rows.filter(|report| filter.state.is_none_or(|state| report.state == state)).take(page.rows());
        Page::of_rows(rows.map(|report| Report::clone(report)).collect(), page)
    }

    pub(crate) fn own_reports(&self, viewer: UserId, after: Option<MessageId>, limit: Limit) -> Vec<Report> {
        let theirs = self.reports_by_reporter.iter();
        let theirs = theirs.filter(|((user, id), _)| *user == viewer && after.is_none_or(|after| *id > after));
        theirs.filter_map(|(_, id)| self.report(*id)).take(limit.get()).collect()
    }

    pub(crate) fn insert_report(&mut self, report: &Report) -> Result<(), StoreError> {
        let key = (report.reporter_id, report.message_id);
        require_free(self.reports.contains_key(&report.id), Constraint::ReportId)?;
        require_free(self.reports_by_reporter.contains_key(&key), Constraint::Report)?;
        require_target(self.conversation(report.conversation_id).is_some())?;
        require_target(self.messages_by_id.contains_key(&report.message_id))?;
        self.require_users_of(report)?;
        self.reports_by_reporter.insert(key, report.id);
        self.reports.insert(report.id, Arc::new(report.clone()));
        Ok(())
    }

    pub(crate) fn update_report(&mut self, report: &Report) -> Result<(), StoreError> {
        require_row(self.reports.get(&report.id), "reports")?;
        self.require_users_of(report)?;
        self.reports.insert(report.id, Arc::new(report.clone()));
        Ok(())
    }

    fn require_users_of(&self, report: &Report) -> Result<(), StoreError> {
        let admin = report.handled.map(|(admin, _)| admin);
        let users = [report.sender_id, report.reporter_id].into_iter().chain(admin);
        users.into_iter().try_for_each(|user| require_target(self.user(user).is_some()))
    }

    pub(crate) fn forget_comments(&mut self, reporter: UserId) {
        let theirs = self.reports_by_reporter.iter().filter(|((user, _), _)| *user == reporter);
        let theirs: Vec<Report> = theirs.filter_map(|(_, id)| self.report(*id)).collect();
        for report in theirs {
            self.reports.insert(report.id, Arc::new(Report { comment: None, ..report }));
        }
    }
}
