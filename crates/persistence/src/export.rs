//! Reads all that is kept of a user.

use async_trait::async_trait;
use confab_application::ports::{ExportReader, FormerPlace, Limit, Place, StoreError};
use confab_domain::{
    ConversationId, EmailAddress, Message, MessageId, OutgoingMail, Reaction, Report, Revision, Seq, UserId, Version,
};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

use crate::connection::Connection;
use crate::entities::{
    conversation, former_participant, hidden_message, mail, message, participant, reaction, report, revision,
};
use crate::reading::Reading;
use crate::select::{is, same};

#[async_trait]
impl<C: ConnectionTrait + Send> ExportReader for Connection<C> {
    async fn places(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        limit: Limit,
    ) -> Result<Vec<Place>, StoreError> {
        self.run(async {
            use participant::Column;
            let mut reading = Reading::new().of::<participant::Model>("p").of::<conversation::Model>("c");
            let its = same(("c", conversation::Column::Id), ("p", Column::ConversationId));
            let id = || Expr::col(("p", Column::ConversationId));
            reading
                .query()
                .from_as(participant::Entity, "p")
                .join_as(JoinType::InnerJoin, conversation::Entity, "c", its)
                .and_where(is(("p", Column::UserId), viewer.as_uuid()))
                .and_where_option(after.map(|after| id().gt(after.as_uuid())))
                .order_by(("p", Column::ConversationId), Order::Asc)
                .limit(limit.get() as u64);
            reading
                .fetch(self.raw(), |row| {
                    let participant = row.record::<participant::Model>()?.restore()?;
                    let conversation = row.record::<conversation::Model>()?.restore()?;
                    let (kind, last_seq) = (conversation.kind(), conversation.last_seq);
                    Ok(Place { participant, kind, title: conversation.title.clone(), last_seq })
                })
                .await
        })
        .await
    }

    async fn former_places(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        limit: Limit,
    ) -> Result<Vec<FormerPlace>, StoreError> {
        self.run(async {
            use former_participant::Column;
            let mut reading = Reading::new().of::<former_participant::Model>("f").of::<conversation::Model>("c");
            let its = same(("c", conversation::Column::Id), ("f", Column::ConversationId));
            let id = || Expr::col(("f", Column::ConversationId));
            reading
                .query()
                .from_as(former_participant::Entity, "f")
                .join_as(JoinType::InnerJoin, conversation::Entity, "c", its)
                .and_where(is(("f", Column::UserId), viewer.as_uuid()))
                .and_where_option(after.map(|after| id().gt(after.as_uuid())))
                .order_by(("f", Column::ConversationId), Order::Asc)
                .limit(limit.get() as u64);
            reading
                .fetch(self.raw(), |row| {
                    let participant = row.record::<former_participant::Model>()?.restore()?;
                    let kind = row.record::<conversation::Model>()?.restore()?.kind();
                    Ok(FormerPlace { participant, kind })
                })
                .await
        })
        .await
    }

    async fn own_messages(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        after: Seq,
        up_to: Seq,
        limit: Limit,
    ) -> Result<Vec<Message>, StoreError> {
        self.run(async {
            use message::Column;
            let mut reading = Reading::new().of::<message::Model>("m");
            let seq = || Expr::col(("m", Column::Seq));
            // So that neither finds all of theirs by the index of keys, to sort them for each page.
            let theirs = match self.raw().get_database_backend() {
                DbBackend::Sqlite => "+? = ?",
                _ => "$1 IS NOT DISTINCT FROM $2",
            };
            let theirs =
                Expr::cust_with_exprs(theirs, [Expr::col(("m", Column::SenderId)), Expr::val(viewer.as_uuid())]);
            reading
                .query()
                .from_as(message::Entity, "m")
                .and_where(is(("m", Column::ConversationId), conversation_id.as_uuid()))
                .and_where(seq().gt(after.as_i64()))
                .and_where(seq().lte(up_to.as_i64()))
                .and_where(theirs)
                .order_by(("m", Column::Seq), Order::Asc)
                .limit(limit.get() as u64);
            reading.fetch(self.raw(), |row| row.record::<message::Model>()?.restore()).await
        })
        .await
    }

    async fn own_revisions(
        &self,
        viewer: UserId,
        id: MessageId,
        after: Version,
        limit: Limit,
    ) -> Result<Vec<Revision>, StoreError> {
        self.run(async {
            use revision::Column;
            let mut reading = Reading::new().of::<revision::Model>("r");
            let its = same(("m", message::Column::Id), ("r", Column::MessageId));
            reading
                .query()
                .from_as(revision::Entity, "r")
                .join_as(JoinType::InnerJoin, message::Entity, "m", its)
                .and_where(is(("r", Column::MessageId), id.as_uuid()))
                .and_where(is(("m", message::Column::SenderId), viewer.as_uuid()))
                .and_where(Expr::col(("r", Column::Version)).gt(after.as_i64()))
                .order_by(("r", Column::Version), Order::Asc)
                .limit(limit.get() as u64);
            reading.fetch(self.raw(), |row| row.record::<revision::Model>()?.restore()).await
        })
        .await
    }

    async fn own_reactions(
        &self,
        viewer: UserId,
        after: Option<(MessageId, Version)>,
        limit: Limit,
    ) -> Result<Vec<Reaction>, StoreError> {
        self.run(async {
            use reaction::Column;
            let mut reading = Reading::new().of::<reaction::Model>("r");
            let query = reading.query().from_as(reaction::Entity, "r");
            query.and_where(is(("r", Column::UserId), viewer.as_uuid()));
            if let Some((id, version)) = after {
                let message = || Expr::col(("r", Column::MessageId));
                let later = message().eq(id.as_uuid()).and(Expr::col(("r", Column::Version)).gt(version.as_i64()));
                query.cond_where(Condition::any().add(message().gt(id.as_uuid())).add(later));
            }
            query
                .order_by(("r", Column::MessageId), Order::Asc)
                .order_by(("r", Column::Version), Order::Asc)
                .limit(limit.get() as u64);
            reading.fetch(self.raw(), |row| row.record::<reaction::Model>()?.restore()).await
        })
        .await
    }

    async fn hidden_messages(
        &self,
        viewer: UserId,
        after: Option<MessageId>,
        limit: Limit,
    ) -> Result<Vec<MessageId>, StoreError> {
        self.run(async {
            use hidden_message::Column;
            let mut query = hidden_message::Entity::find().filter(Column::UserId.eq(viewer.as_uuid()));
            if let Some(after) = after {
                query = query.filter(Column::MessageId.gt(after.as_uuid()));
            }
            let rows = query.order_by_asc(Column::MessageId).limit(limit.get() as u64).all(self.raw()).await?;
            Ok(rows.into_iter().map(|row| MessageId::from(row.message_id)).collect())
        })
        .await
    }

    async fn own_reports(
        &self,
        viewer: UserId,
        after: Option<MessageId>,
        limit: Limit,
    ) -> Result<Vec<Report>, StoreError> {
        self.run(async {
            use report::Column;
            let mut reading = Reading::new().of::<report::Model>("r");
            let id = || Expr::col(("r", Column::MessageId));
            reading
                .query()
                .from_as(report::Entity, "r")
                .and_where(is(("r", Column::ReporterId), viewer.as_uuid()))
                .and_where_option(after.map(|after| id().gt(after.as_uuid())))
                .order_by(("r", Column::MessageId), Order::Asc)
                .limit(limit.get() as u64);
            reading.fetch(self.raw(), |row| row.record::<report::Model>()?.restore()).await
        })
        .await
    }

    async fn mails_to(&self, email: &EmailAddress) -> Result<Vec<OutgoingMail>, StoreError> {
        self.run(async {
            use mail::Column;
            let is_sent = Condition::all().add(Column::SettledAt.is_not_null()).add(Column::Error.is_null());
            let query = mail::Entity::find().filter(mail::is_to(email)).filter(is_sent.not());
            let rows = query.order_by_asc(Column::Kind).all(self.raw()).await?;
            rows.into_iter().map(|row| Ok(row.restore()?.mail)).collect()
        })
        .await
    }
}
