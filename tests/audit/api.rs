//! The audit trail: asked for by what is in it, page by page, by those who may.

use crate::support::roles::{CONSOLE, ROLES, USERS, grant, make_person, make_role, make_user, role, wrong_fields};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

const EVENTS: &str = "/apis/console/v1alpha1/audit-events";

async fn items(by: &Person<'_>, query: &str) -> Vec<Value> {
    let list = by.get(&format!("{EVENTS}?size=200&{query}")).await.expect(200);
    list["items"].as_array().unwrap().clone()
}

/// Somebody's deeds on two days.
async fn prepare<'a>(app: &TestApp, owner: &Person<'a>) -> Person<'a> {
    let eve = make_person(owner, "eve", "user-manager").await;
    make_role(owner, "editor", "", &[]).await;
    eve.delete(&format!("{USERS}/admin"))
        .await
        .expect_problem(403, "escalation");
    app.advance(600);
    let eve = app.default_tenant().sign_in(&eve.name).await;
    make_user(&eve, "ada", "").await;
    grant(&eve, "ada", "editor").await.expect(200);
    eve.get(ROLES).await.expect(200);
    eve.post(ROLES, &role("x", "", &[]))
        .await
        .expect_problem(403, "forbidden");
    Person {
        tenant: owner.tenant.clone(),
        ..eve
    }
}

#[tokio::test]
async fn events_are_found_by_each_of_their_fields() {
    let app = TestApp::start().await;
    let admin = app.default_tenant().owner().await;
    prepare(&app, &admin).await;
    let owner = app.default_tenant().owner().await;
    let all = items(&owner, "").await;
    for (query, field, value) in [
        ("actor=eve", "actor", "eve"),
        ("actor=admin", "actor", "admin"),
        ("action=users:create", "action", "users:create"),
        ("action=users/permissions:create", "action", "users/permissions:create"),
        ("object=ada", "object", "ada"),
        ("object=editor", "object", "editor"),
        ("outcome=denied", "outcome", "denied"),
        ("outcome=done", "outcome", "done"),
    ] {
        let expected: Vec<_> = all.iter().filter(|event| event[field] == value).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < all.len(), "{query}");
        assert_eq!(items(&owner, query).await, expected, "{query}");
    }
    let both = items(&owner, "actor=eve&outcome=denied&action=users:delete").await;
    assert_eq!((both.len(), &both[0]["object"]), (1, &json!("admin")));
    let of_request = items(&owner, &format!("requestId={}", both[0]["requestId"].as_str().unwrap())).await;
    assert_eq!(of_request, both);
    assert_eq!(items(&owner, "actor=nobody").await, [Value::Null; 0]);
    assert_eq!(
        items(&owner, "actor=ev").await,
        [Value::Null; 0],
        "a part of a name is no name"
    );
    assert_eq!(
        wrong_fields(owner.get(&format!("{EVENTS}?outcome=lost")).await),
        ["outcome"]
    );
    assert_eq!(
        wrong_fields(owner.get(&format!("{EVENTS}?since=yesterday")).await),
        ["since"]
    );
    assert_eq!(wrong_fields(owner.get(&format!("{EVENTS}?size=201")).await), ["size"]);
}

#[tokio::test]
async fn events_are_found_by_when_they_were() {
    let app = TestApp::start().await;
    let admin = app.default_tenant().owner().await;
    prepare(&app, &admin).await;
    let owner = app.default_tenant().owner().await;
    let all = items(&owner, "").await;
    let at = |number: usize| all[number]["at"].as_str().unwrap();
    let (newest, oldest) = (at(0), at(all.len() - 1));
    assert_ne!(newest, oldest);
    let since = items(&owner, &format!("since={newest}")).await;
    let until = items(&owner, &format!("until={newest}")).await;
    assert!(!since.is_empty() && !until.is_empty());
    assert_eq!([since, until].concat(), all, "one or the other");
    assert_eq!(items(&owner, &format!("since={oldest}")).await, all);
    assert_eq!(items(&owner, &format!("until={oldest}")).await, [Value::Null; 0]);
    let none = items(&owner, &format!("since={newest}&until={newest}")).await;
    assert_eq!(none, [Value::Null; 0]);
}

#[tokio::test]
async fn pages_by_cursor_are_the_whole_list_whatever_happens_meanwhile() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for n in 0..5 {
        make_role(&owner, &format!("r{n}"), "", &[]).await;
    }
    let query = "action=roles:create";
    let all = items(&owner, query).await;
    assert_eq!(all.len(), 5);
    for size in [1, 2, 5, 6] {
        let (mut found, mut cursor, mut pages) = (vec![], String::new(), 0);
        loop {
            let page = owner
                .get(&format!("{EVENTS}?{query}&size={size}{cursor}"))
                .await
                .expect(200);
            found.extend(page["items"].as_array().unwrap().clone());
            pages += 1;
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, all, "in pages of {size}");
        assert_eq!(pages, 5_usize.div_ceil(size), "in pages of {size}");
    }
    let page = owner.get(&format!("{EVENTS}?{query}&size=2")).await.expect(200);
    let cursor = page["nextCursor"].as_str().unwrap().to_owned();
    make_role(&owner, "later", "", &[]).await;
    let next = items(&owner, &format!("{query}&cursor={cursor}")).await;
    assert_eq!(next, all[2..]);
}

#[tokio::test]
async fn a_cursor_that_is_not_of_this_list_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for n in 0..3 {
        make_user(&owner, &format!("u{n}"), "").await;
    }
    let cursor = async |path: &str| {
        owner.get(path).await.expect(200)["nextCursor"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let of_users = cursor(&format!("{USERS}?size=1")).await;
    let who = format!("{CONSOLE}/permissions/-/who-can?resource=tenant&verb=get&size=1");
    let of_who = cursor(&who).await;
    let own = cursor(&format!("{EVENTS}?size=1")).await;
    let mut edited = own.clone();
    edited.replace_range(2..3, if &own[2..3] == "A" { "B" } else { "A" });
    for bad in [&of_users, &of_who, &edited, "x", "%00", "1"] {
        assert_eq!(
            wrong_fields(owner.get(&format!("{EVENTS}?cursor={bad}")).await),
            ["cursor"],
            "{bad}"
        );
    }
    for bad in [&of_users, &own, "x"] {
        assert_eq!(
            wrong_fields(owner.get(&format!("{who}&cursor={bad}")).await),
            ["cursor"],
            "{bad}"
        );
    }
    owner.get(&format!("{EVENTS}?cursor={own}")).await.expect(200);
    owner.get(&format!("{who}&cursor={of_who}")).await.expect(200);
}

#[tokio::test]
async fn the_trail_is_read_by_auditors_and_owners_of_its_tenant_alone() {
    let app = TestApp::start().await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let (of_a, of_b) = (a.owner().await, b.owner().await);
    make_user(&of_a, "secret-of-a", "").await;
    for roles in ["", "support", "user-manager", "role-manager"] {
        let name = format!("by-{roles}x");
        let by = make_person(&of_a, &name, roles).await;
        by.get(EVENTS).await.expect_problem(403, "forbidden");
        by.get(&format!("{EVENTS}/-/verification"))
            .await
            .expect_problem(403, "forbidden");
    }
    let auditor = make_person(&of_a, "auditor", "auditor").await;
    assert!(!items(&auditor, "object=secret-of-a").await.is_empty());
    assert_eq!(
        auditor.get(&format!("{EVENTS}/-/verification")).await.expect(200)["intact"],
        true
    );
    assert_eq!(items(&of_b, "object=secret-of-a").await, [Value::Null; 0]);
    let sequences: Vec<_> = items(&of_b, "")
        .await
        .iter()
        .map(|event| event["sequence"].clone())
        .collect();
    let expected: Vec<_> = (1..=sequences.len()).rev().map(|number| json!(number)).collect();
    assert_eq!(sequences, expected, "each tenant counts its own");
}

#[tokio::test]
async fn a_moment_is_copied_from_an_answer_into_a_query_as_it_is() {
    let app = TestApp::start().await;
    let admin = app.default_tenant().owner().await;
    prepare(&app, &admin).await;
    let owner = app.default_tenant().owner().await;
    let all = items(&owner, "").await;
    let newest = all[0]["at"].as_str().unwrap();
    assert!(newest.ends_with('Z') && !newest.contains('+'), "{newest}");
    let since = items(&owner, &format!("since={newest}")).await;
    assert!(!since.is_empty());
    // So is what other programs write, whose `+` nobody encoded.
    let other = newest.replace('Z', "+00:00");
    assert_eq!(items(&owner, &format!("since={other}")).await, since);
}
