//! The yardsticks do what the product does, or they measure nothing: the log of single transactions passes the suite of
//! every storage adapter, and what is read by hand is what the product answers, on databases as the benchmark fills them.
#![expect(clippy::unwrap_used, reason = "where a test cannot go on, it has failed")]

mod databases;
mod reads;

/// Fresh storage whose log is the yardstick's.
macro_rules! fresh {
    ($backend:expr) => {
        async fn fresh() -> (confab_store_contract::Adapter, crate::databases::Fresh) {
            let database = crate::databases::Fresh::new($backend).await;
            let store = std::sync::Arc::new(database.store().await);
            let log = std::sync::Arc::new(confab_bench::yardsticks::TransactionLog::new(std::sync::Arc::<
                confab_persistence::SeaOrmStore,
            >::clone(&store)));
            (confab_store_contract::Adapter { store, log }, database)
        }
        confab_store_contract::suite!(fresh);
    };
}

mod sqlite {
    fresh!(confab_bench::stage::Backend::Sqlite);
}

mod postgres {
    fresh!(confab_bench::stage::Backend::Postgres);
}
