//! Rotation that nobody notices.

use crate::{
    oidc::{decode, machine, published, token_of, verify},
    support::{Tenant, TestApp},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};
use tokio::sync::RwLock;

const ROTATE: &str = "/apis/console/v1alpha1/signing-keys/-/rotate";
const ALGORITHMS: [&str; 3] = ["EdDSA", "ES256", "RS256"];
const CLIENTS: usize = 32;

/// How often keys are rotated: as often as `ROTATIONS` says. A minute wants 60 and `cargo test`, which has no clock.
fn rotations() -> usize {
    std::env::var("ROTATIONS").map_or(8, |rotations| rotations.parse().expect("ROTATIONS is a number"))
}

/// Keys as a client keeps them: for half a day, which is far longer than it is told to.
struct Kept {
    keys: Vec<Value>,
    at: DateTime<Utc>,
}

impl Kept {
    async fn read(tenant: &Tenant<'_>) -> Self {
        Self {
            at: tenant.app.clock.now(),
            keys: published(tenant).await,
        }
    }
}

/// Gets tokens and verifies each, until everybody has seen the last rotation: the keys that signed them.
async fn verify_all(tenant: &Tenant<'_>, by: (&str, &str), (time, is_over): (&RwLock<()>, &AtomicBool)) -> Vec<String> {
    let (mut kept, mut used) = (Kept::read(tenant).await, vec![]);
    while !is_over.load(Ordering::SeqCst) {
        // A moment, in which no hours pass.
        let _moment = time.read().await;
        if tenant.app.clock.now() - kept.at >= TimeDelta::hours(12) {
            kept = Kept::read(tenant).await;
        }
        let token = token_of(tenant, by, &[]).await;
        verify(&token, &kept.keys);
        used.push(decode(&token).0["kid"].to_string());
    }
    used
}

#[tokio::test]
async fn no_verification_fails_while_keys_are_rotated_again_and_again_under_32_clients() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    app.mind_keys().await;
    let owner = tenant.owner().await;
    let mut machines = vec![];
    for algorithm in ALGORITHMS {
        let name = format!("machine-{}", algorithm.to_lowercase());
        let spec = json!({ "roles": ["auditor"], "accessTokenAlg": algorithm });
        let secret = machine(&owner, &name, spec).await;
        machines.push((name, secret));
    }
    let (time, is_over, rotations) = (RwLock::new(()), AtomicBool::new(false), rotations());
    let clients = (0..CLIENTS).map(|client| {
        let (name, secret) = &machines[client % machines.len()];
        verify_all(&tenant, (name, secret), (&time, &is_over))
    });
    let rotate = async {
        for _ in 0..rotations {
            tenant.owner().await.post(ROTATE, &json!({})).await.expect(200);
            // What was published signs after a day.
            for _ in 0..4 {
                let moment = time.write().await;
                app.advance(6 * 3600);
                drop(moment);
                app.work().await;
            }
        }
        is_over.store(true, Ordering::SeqCst);
    };
    let (used, ()) = tokio::join!(join_all(clients), rotate);
    let tokens: usize = used.iter().map(Vec::len).sum();
    let used: BTreeSet<_> = used.into_iter().flatten().collect();
    assert!(tokens > 20 * rotations, "{tokens} are too few to try");
    assert!(
        used.len() > ALGORITHMS.len() * rotations / 2,
        "{} keys signed",
        used.len()
    );
}
