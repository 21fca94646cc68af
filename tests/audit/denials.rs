//! What is kept of what people try and may not.

use crate::support::roles::{ROLES, USERS, count_events, events_of, grant, make_person, role, set_rules};
use crate::support::{TestApp, wrong};
use serde_json::{Value, json};

const EVENTS: &str = "/apis/console/v1alpha1/audit-events";

#[tokio::test]
async fn a_try_that_counted_is_kept_as_refused() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let ada = tenant.sign_up("ada").await;
    let code = tenant.code_to("ada@example.com").await;
    let path = "/auth/v1/users/me/email/_verify";
    for (code, status, outcome, why) in [
        (wrong(&code), 400, "refused", json!("code_invalid")),
        (code.clone(), 200, "done", Value::Null),
    ] {
        let reply = ada.post(path, &json!({ "code": code })).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        let events = events_of(&owner, &reply).await;
        assert_eq!(events.len(), 1, "{events:?}");
        let said = ["actor", "action", "object", "outcome"].map(|field| &events[0][field]);
        assert_eq!(said, ["ada", "users/email:verify", "ada", outcome]);
        assert_eq!(events[0]["code"], why);
    }
}

#[tokio::test]
async fn a_denied_act_is_kept_once() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let ada = make_person(&owner, "ada", "").await;
    let eve = make_person(&owner, "eve", "user-manager").await;
    let user = |name: &str| format!("{USERS}/{name}");
    let new = role("new", "", &[]);
    for (by, reply, code, action, object) in [
        (&ada, ada.get(USERS).await, "forbidden", "users:list", ""),
        (&ada, ada.get(&user("Admin")).await, "forbidden", "users:get", "admin"),
        (&ada, ada.get(&user("nobody")).await, "forbidden", "users:get", "nobody"),
        (
            &ada,
            ada.delete(&user("admin")).await,
            "forbidden",
            "users:delete",
            "admin",
        ),
        (&ada, ada.post(ROLES, &new).await, "forbidden", "roles:create", ""),
        (&ada, ada.post(&user("admin"), &new).await, "", "", ""),
        (
            &eve,
            eve.delete(&user("admin")).await,
            "escalation",
            "users:delete",
            "admin",
        ),
        (
            &eve,
            grant(&eve, "eve", "owner").await,
            "escalation",
            "users/permissions:create",
            "eve",
        ),
        (
            &eve,
            set_rules(&eve, "support", &[]).await,
            "forbidden",
            "roles:update",
            "support",
        ),
    ] {
        let events = events_of(&owner, &reply).await;
        if code.is_empty() {
            assert_eq!(
                (reply.status.as_u16(), events.len()),
                (405, 0),
                "there is no such operation"
            );
            continue;
        }
        let status = reply.status;
        reply.expect_problem(403, code);
        assert_eq!(events.len(), 1, "{status} {action}: {events:?}");
        let said = ["actor", "action", "object", "outcome", "code"].map(|field| &events[0][field]);
        assert_eq!(said, [by.name.as_str(), action, object, "denied", code]);
        assert_eq!(events[0]["changes"], json!([]));
    }
}

#[tokio::test]
async fn what_is_permitted_and_only_reads_leaves_nothing() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let ada = make_person(&owner, "ada", "").await;
    let before = count_events(&owner).await;
    ada.get(&format!("{USERS}/-")).await.expect(200);
    owner.get(USERS).await.expect(200);
    assert_eq!(count_events(&owner).await, before);
    ada.get(USERS).await.expect_problem(403, "forbidden");
    assert_eq!(count_events(&owner).await, before + 1);
}

#[tokio::test]
async fn of_many_denials_of_one_user_only_the_first_are_kept() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let ada = make_person(&owner, "ada", "").await;
    let eve = make_person(&owner, "eve", "").await;
    for _ in 0..100 {
        ada.get(USERS).await.expect_problem(403, "forbidden");
    }
    eve.get(USERS).await.expect_problem(403, "forbidden");
    let denied = async |name: &str| {
        let list = owner
            .get(&format!("{EVENTS}?outcome=denied&actor={name}&size=200"))
            .await
            .expect(200);
        list["items"].as_array().unwrap().len()
    };
    assert_eq!((denied("ada").await, denied("eve").await), (30, 1));
}
