//! Who owns a group when its owner leaves.

use crate::{Membership, Operation, Relation, Sender, UserId, may};

/// The next owner of a group whose owner leaves: the one who has been in it the longest, of those whose account may be used;
/// and first of those among them whose role may organise a group. None where nobody else is in it.
pub fn successor(participants: &[Sender], leaving: UserId) -> Option<&Sender> {
    let organises = |sender: &Sender| may(Operation::ChangeConversation, sender.role, Relation::Owner).is_ok();
    participants
        .iter()
        .filter(|sender| sender.participant.user_id != leaving && sender.participant.membership == Membership::Member)
        .min_by_key(|sender| {
            let participant = &sender.participant;
            (!sender.active, !organises(sender), participant.joined_version, participant.joined_at, participant.user_id)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conversation, ConversationId, Participant, Role, Timestamp};
    use uuid::Uuid;

    fn sender(number: u128, role: Role, joined: i64, active: bool) -> Sender {
        let user = UserId::from(Uuid::from_u128(number));
        let now = Timestamp::from_micros(joined).unwrap();
        let group = Conversation::create_group(ConversationId::from(Uuid::nil()), user, None, 1, now);
        Sender { participant: Participant::join(&group, user, Membership::Member, now), role, active }
    }

    #[test]
    fn the_oldest_who_may_organise_follows() {
        let owner = UserId::from(Uuid::from_u128(9));
        let next =
            |senders: &[Sender]| successor(senders, owner).map(|sender| sender.participant.user_id.as_uuid().as_u128());
        let (guest, late, early) =
            (sender(1, Role::Guest, 1, true), sender(2, Role::Host, 3, true), sender(3, Role::Admin, 2, true));
        assert_eq!(next(&[guest.clone(), late.clone(), early]), Some(3));
        assert_eq!(next(&[guest.clone(), late]), Some(2));
        assert_eq!(next(&[guest.clone(), sender(4, Role::Host, 0, false)]), Some(1), "a suspended one does not");
        assert_eq!(next(&[sender(9, Role::Host, 0, true), guest]), Some(1), "nor does the one who leaves");
        assert_eq!(next(&[]), None);
    }
}
