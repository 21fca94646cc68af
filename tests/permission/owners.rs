//! Owners who take each other's place at the same moment leave one who stays.

use crate::support::roles::{ROLES, USERS, deny, make_role, make_user};
use crate::support::{Person, Reply, TestApp};
use futures_util::future::join;
use serde_json::json;

/// What an owner does to another one.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Demote,
    Disable,
    Delete,
    Cripple,
    Replace,
}

const BLOWS: [Blow; 5] = [Blow::Demote, Blow::Disable, Blow::Delete, Blow::Cripple, Blow::Replace];

impl Blow {
    async fn strike(self, by: &Person<'_>, other: &str) -> Reply {
        let user = format!("{USERS}/{other}");
        let role = format!("{ROLES}/badge-{other}");
        match self {
            Self::Demote => by.post(&format!("{user}/permissions"), &json!({ "roles": [] })).await,
            Self::Disable => by.post(&format!("{user}/disable"), &json!({})).await,
            Self::Delete => by.delete(&user).await,
            Self::Cripple => {
                crate::support::roles::set_rules(by, &format!("badge-{other}"), &[deny("roles", "*")]).await
            }
            Self::Replace => by.delete(&format!("{role}?replacement=denier")).await,
        }
    }
}

/// An owner of this name with a role of their own.
async fn make_owner<'a>(by: &Person<'a>, name: &str) -> Person<'a> {
    let badge = format!("badge-{name}");
    make_role(by, &badge, "", &[]).await;
    make_user(by, name, &format!("owner {badge}")).await;
    by.tenant.sign_in(name).await
}

/// Those of the two who can still do everything.
async fn left(pair: [Person<'_>; 2], all: usize) -> Vec<Person<'_>> {
    let mut left = vec![];
    for person in pair {
        let permissions = person.get(&format!("{USERS}/-/permissions")).await;
        if permissions.status == 200 && permissions.json()["uiPermissions"].as_array().unwrap().len() == all {
            left.push(person);
        }
    }
    left
}

/// In each round the two are the only owners, and each strikes at the other at the same time.
async fn fight(rounds: std::ops::Range<usize>) {
    let app = TestApp::start().await;
    let mut last = app.default_tenant().owner().await;
    make_role(&last, "denier", "", &[deny("users", "list")]).await;
    let permissions = last.get(&format!("{USERS}/-/permissions")).await.expect(200);
    let all = permissions["uiPermissions"].as_array().unwrap().len();
    let (mut struck, mut spared) = (0, 0);
    for round in rounds {
        let (blow, back) = (BLOWS[round % 5], BLOWS[(round / 5 + round) % 5]);
        let a = make_owner(&last, &format!("a{round}")).await;
        let b = make_owner(&a, &format!("b{round}")).await;
        a.delete(&format!("{USERS}/{}", last.name)).await.expect(204);
        let (first, second) = join(blow.strike(&a, &b.name), back.strike(&b, &a.name)).await;
        let answers = [&first, &second].map(|reply| reply.status.as_u16());
        let label = format!("round {round}: {blow:?} {back:?} {answers:?}");
        for reply in [first, second] {
            match reply.status.as_u16() {
                200 | 204 => struck += 1,
                401 | 403 => spared += 1,
                _ => {
                    reply.expect_problem(409, "last_owner");
                    spared += 1;
                }
            }
        }
        let mut left = left([a, b], all).await;
        assert!(!left.is_empty(), "{label}: nobody is left");
        let one = left.remove(0);
        // The one that is left can sign in, too.
        last = app.default_tenant().sign_in(&one.name).await;
        for other in left {
            last.delete(&format!("{USERS}/{}", other.name)).await.expect(204);
        }
    }
    assert!(struck > 0 && spared > 0, "{struck} {spared}");
}

#[tokio::test]
async fn of_two_owners_who_strike_at_once_one_is_always_left() {
    fight(0..15).await;
}

#[tokio::test]
async fn of_two_owners_who_strike_otherwise_at_once_one_is_always_left() {
    fight(15..30).await;
}
