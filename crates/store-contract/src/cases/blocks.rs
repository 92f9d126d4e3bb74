//! Who has blocked whom.

use confab_application::ports::{BlockFacts, BlockKey, Limit, PageRequest, Position};
use confab_application::users::{self, block, list_blocks, unblock};
use confab_application::views::BlockView;
use confab_application::{Conflict, Error, Resource};
use confab_domain::{Block, MAX_BLOCKS, Role, User};

use crate::Adapter;
use crate::testing::World;

async fn facts(world: &World, one: &User, other: &User) -> BlockFacts {
    world.begin().await.blocks().find_facts(one.id, other.id).await.unwrap()
}

async fn blocks(world: &World, viewer: &User) -> Vec<BlockView> {
    let page = PageRequest::first(Limit::MAX_PAGE);
    list_blocks(&world.app, &world.viewer(viewer), &page).await.unwrap().items
}

/// A block is one user's of another, is told to whoever has made it alone, and is lifted by nobody else.
pub async fn a_block_is_its_maker_s(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    world.group(&[&ada, &ben]).await;
    assert_eq!(
        facts(&world, &ada, &ben).await,
        BlockFacts { exists: true, is_known: true, is_blocked: false, count: 0 }
    );
    for _ in 0..2 {
        block(&world.app, &world.viewer(&ada), ben.id).await.unwrap();
    }
    let since = world.now();
    assert_eq!(blocks(&world, &ada).await, [BlockView { user: (&ben).into(), since }]);
    assert_eq!(blocks(&world, &ben).await, []);
    let made = BlockFacts { exists: true, is_known: true, is_blocked: true, count: 1 };
    assert_eq!(facts(&world, &ada, &ben).await, made);
    assert_eq!(facts(&world, &ben, &ada).await, BlockFacts { is_blocked: false, count: 0, ..made });
    assert_eq!(facts(&world, &ada, &eve).await, BlockFacts { is_known: false, is_blocked: false, ..made });
    let nobody = world.new_user("nobody", Role::Host);
    let nothing = BlockFacts { exists: false, is_known: false, is_blocked: false, count: 1 };
    assert_eq!(facts(&world, &ada, &nobody).await, nothing);

    unblock(&world.app, &world.viewer(&ben), ada.id).await.unwrap();
    assert!(facts(&world, &ada, &ben).await.is_blocked, "it is not his to lift");
    for id in [ben.id, ben.id, nobody.id] {
        unblock(&world.app, &world.viewer(&ada), id).await.unwrap();
    }
    assert_eq!(blocks(&world, &ada).await, []);
}

/// Whoever is blocked is known to whoever blocks, or to an admin; is somebody else; and is one of a thousand.
pub async fn who_can_be_blocked(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    let root = world.user("root", Role::Admin).await;
    world.group(&[&ada, &ben]).await;
    let attempt = async |viewer: &User, id| block(&world.app, &world.viewer(viewer), id).await;
    for id in [eve.id, world.id()] {
        assert!(matches!(attempt(&ada, id).await, Err(Error::NotFound(Resource::User))));
    }
    assert!(matches!(attempt(&root, world.id()).await, Err(Error::NotFound(Resource::User))));
    attempt(&root, eve.id).await.unwrap();
    assert!(matches!(attempt(&ada, ada.id).await, Err(Error::Conflict(Conflict::BlockOfOneself))));

    let many = world.hosts(MAX_BLOCKS as usize).await;
    let tx = world.begin().await;
    for user in &many {
        let block = Block { blocker_id: ada.id, blocked_id: user.id, since: world.now() };
        tx.blocks().insert(&block).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(matches!(attempt(&ada, ben.id).await, Err(Error::Conflict(Conflict::TooManyBlocks))));
    attempt(&ada, many[0].id).await.unwrap();
    unblock(&world.app, &world.viewer(&ada), many[0].id).await.unwrap();
    attempt(&ada, ben.id).await.unwrap();
}

/// The newest first, and of one time the one of the greater id; a page at a time, both ways.
pub async fn blocks_are_paged_both_ways(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let users = world.hosts(7).await;
    let tx = world.begin().await;
    for (number, user) in users.iter().enumerate() {
        // Two of each time.
        let since = world.now().plus_seconds(number as u32 / 2);
        tx.blocks().insert(&Block { blocker_id: ada.id, blocked_id: user.id, since }).await.unwrap();
        tx.blocks().insert(&Block { blocker_id: user.id, blocked_id: ada.id, since }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let wanted: Vec<_> = users.iter().rev().map(|user| user.id).collect();
    let read = async |position| {
        let page = PageRequest { limit: Limit::new(3).unwrap(), position };
        world.store().people().blocks(ada.id, &page).await.unwrap()
    };
    let ids = |views: &[BlockView]| views.iter().map(|view| view.user.id).collect::<Vec<_>>();
    let (mut found, mut position) = (Vec::new(), None);
    let last = loop {
        let page = read(position).await;
        assert_eq!(page.has_previous, !found.is_empty());
        found.extend(ids(&page.items));
        let last = page.items.last().map(BlockKey::of).unwrap();
        position = Some(Position::After(last));
        if !page.has_next {
            break last;
        }
    };
    assert_eq!(found, wanted);
    let before = read(Some(Position::Before(last))).await;
    assert_eq!((ids(&before.items), before.has_previous, before.has_next), (wanted[3..6].to_vec(), true, true));
}

/// Of sixteen blocks at once one is made, and of two who block each other each makes one.
pub async fn blocks_at_once_are_one(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    world.group(&[&ada, &ben]).await;
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let (from, to) = if number % 2 == 0 { (&ada, &ben) } else { (&ben, &ada) };
            let (app, viewer, id) = (world.app.clone(), world.viewer(from), to.id);
            tokio::spawn(async move { block(&app, &viewer, id).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    for (one, other) in [(&ada, &ben), (&ben, &ada)] {
        let made = blocks(&world, one).await;
        assert_eq!(made.iter().map(|view| view.user.id).collect::<Vec<_>>(), [other.id]);
    }
}

/// With an account go the blocks that it has made and those of it, and nobody blocks it any more.
pub async fn blocks_go_with_an_account(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    world.group(&[&ada, &ben, &eve]).await;
    world.direct(&eve, &ada).await;
    for (one, other) in [(&ada, &ben), (&ben, &ada), (&eve, &ada), (&eve, &ben)] {
        block(&world.app, &world.viewer(one), other.id).await.unwrap();
    }
    users::delete_account_as_operator(&world.app, ada.id).await.unwrap();
    assert_eq!(blocks(&world, &ada).await, []);
    assert_eq!(blocks(&world, &ben).await, []);
    let left: Vec<_> = blocks(&world, &eve).await.into_iter().map(|view| view.user.id).collect();
    assert_eq!(left, [ben.id]);
    let refused = block(&world.app, &world.viewer(&eve), ada.id).await;
    assert!(matches!(refused, Err(Error::NotFound(Resource::User))), "{refused:?}");
    assert!(facts(&world, &eve, &ada).await.is_known, "of the direct conversation");
}
