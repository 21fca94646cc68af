//! E-mail addresses set by administrators, without their owner's proof.

use crate::support::{PASSWORD, TestApp};
use crate::user::{ME, USERS, make, see, signs_in};
use serde_json::json;

fn of(name: &str) -> String {
    format!("{USERS}/{name}/email")
}

#[tokio::test]
async fn an_address_is_set_as_proven_or_to_be_proven() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({})).await;

    let given = json!({ "email": "One@example.test" });
    let set = owner.put(&of("alice"), &given).await.expect(200);
    assert_eq!(
        (&set["spec"]["email"], &set["spec"]["emailVerified"]),
        (&json!("One@example.test"), &json!(false))
    );
    let alice = tenant.sign_in("alice").await;
    alice
        .post(&format!("{ME}/send-email-verification-code"), &given)
        .await
        .expect(200);
    let code = tenant.code_to("One@example.test").await;
    let proof = json!({ "password": PASSWORD, "code": code });
    alice.post(&format!("{ME}/verify-email"), &proof).await.expect(200);
    assert_eq!(see(&owner, "alice").await["spec"]["emailVerified"], true);

    let given = json!({ "email": "two@example.test", "verified": true });
    let set = owner.put(&of("alice"), &given).await.expect(200);
    assert_eq!(set["spec"]["emailVerified"], true);
    assert_eq!(see(&owner, "alice").await, set);
    let given = json!({ "email": "three@example.test", "verified": false });
    let set = owner.put(&of("alice"), &given).await.expect(200);
    assert_eq!(
        set["spec"]["emailVerified"], false,
        "proof of one address is none of another"
    );
}

#[tokio::test]
async fn the_new_address_is_what_she_is_found_by_and_signs_in_with() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({})).await;
    let alice = tenant.sign_in("alice").await;
    let given = json!({ "email": "Fresh@example.org", "verified": true });
    owner.put(&of("alice"), &given).await.expect(200);

    assert!(signs_in(&tenant, "fresh@EXAMPLE.org", PASSWORD).await);
    assert!(!signs_in(&tenant, "alice@example.test", PASSWORD).await);
    for (keyword, found) in [("fresh@example.org", 1), ("alice@example.test", 0), ("alice", 1)] {
        let list = owner.get(&format!("{USERS}?keyword={keyword}")).await.expect(200);
        assert_eq!(list["total"], found, "{keyword}");
    }
    alice.get(ME).await.expect(200);
    make(&owner, "other", json!({ "email": "alice@example.test" })).await;
}

#[tokio::test]
async fn an_address_that_somebody_else_has_proven_is_taken_in_any_case() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for name in ["alice", "bob", "carol"] {
        make(&owner, name, json!({})).await;
    }
    for (name, address) in [("bob", "proven@bücher.example"), ("carol", "carol@example.test")] {
        let given = json!({ "email": address, "verified": true });
        owner.put(&of(name), &given).await.expect(200);
    }
    let before = see(&owner, "alice").await;

    for taken in [
        "carol@example.test",
        "CAROL@Example.TEST",
        "carol@ｅｘａｍｐｌｅ.test",
        "proven@bücher.example",
        "Proven@xn--bcher-kva.example",
        "proven@BU\u{308}CHER.example",
        "admin@LOCALHOST",
    ] {
        for verified in [true, false] {
            let given = json!({ "email": taken, "verified": verified });
            let refused = owner.put(&of("alice"), &given).await;
            refused.expect_problem(409, "email_taken");
        }
    }
    for none in ["", "alice", "alice@example.test\r\nBcc: eve@example.test"] {
        let refused = owner.put(&of("alice"), &json!({ "email": none })).await;
        refused.expect_problem(400, "invalid");
    }
    assert_eq!(see(&owner, "alice").await, before);
    owner
        .put(&of("nobody"), &json!({ "email": "x@example.test" }))
        .await
        .expect_problem(404, "user_not_found");
    let own = json!({ "email": "ALICE@example.test" });
    let set = owner.put(&of("alice"), &own).await.expect(200);
    assert_eq!(
        set["spec"]["email"], "ALICE@example.test",
        "the control: it is her own already"
    );
}

#[tokio::test]
async fn an_address_that_waited_for_proof_is_dropped_with_its_code() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({})).await;
    let alice = tenant.sign_in("alice").await;
    let pending = json!({ "email": "pending@example.test" });
    alice
        .post(&format!("{ME}/send-email-verification-code"), &pending)
        .await
        .expect(200);
    let code = tenant.code_to("pending@example.test").await;
    assert_eq!(
        see(&owner, "alice").await["spec"]["pendingEmail"],
        "pending@example.test"
    );

    let set = owner
        .put(&of("alice"), &json!({ "email": "set@example.test" }))
        .await
        .expect(200);
    assert_eq!(set["spec"].get("pendingEmail"), None);
    let proof = json!({ "password": PASSWORD, "code": code });
    let refused = alice.post(&format!("{ME}/verify-email"), &proof).await;
    refused.expect_problem(400, "code_invalid");
    let now = see(&owner, "alice").await;
    assert_eq!(
        (&now["spec"]["email"], &now["spec"]["emailVerified"]),
        (&json!("set@example.test"), &json!(false))
    );
}

#[tokio::test]
async fn nobody_sets_an_address_of_somebody_above_them_or_without_the_role() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "manager", json!({ "roles": ["user-manager"] })).await;
    make(&owner, "support", json!({ "roles": ["support"] })).await;
    make(&owner, "plain", json!({})).await;
    let manager = tenant.sign_in("manager").await;
    let given = json!({ "email": "new@example.test", "verified": true });

    manager
        .put(&of("admin"), &given)
        .await
        .expect_problem(403, "escalation");
    for name in ["support", "plain"] {
        let who = tenant.sign_in(name).await;
        who.put(&of("plain"), &given).await.expect_problem(403, "forbidden");
    }
    assert_eq!(
        owner.get(&format!("{USERS}?keyword=new@")).await.expect(200)["total"],
        0
    );
    manager.put(&of("plain"), &given).await.expect(200);
}
