//! Counts are the database's: they outlive the server, and many servers share them.

use crate::support::limits::{BAD, SEND, VERIFY, code_for, fail, sign_in, wait_for, wait_of};
use crate::support::{PASSWORD, Tenant, TestApp, database, wrong};
use serde_json::json;

#[tokio::test]
async fn what_was_counted_before_a_restart_counts_after_it() {
    let mut app = TestApp::start().await;
    let ask = json!({ "email": "ada@example.com", "purpose": "register" });
    let code = {
        let tenant = app.default_tenant();
        let owner = tenant.owner().await;
        for _ in 0..4 {
            fail(&tenant, "admin").await;
        }
        let code = code_for(&owner, "ada@example.com", "register").await;
        for _ in 0..3 {
            let bad = json!({ "email": "ada@example.com", "purpose": "register", "code": wrong(&code) });
            let refused = tenant.anybody().post(VERIFY, &bad).await;
            refused.expect_problem(400, "code_invalid");
        }
        code
    };

    app.restart().await;
    let tenant = app.default_tenant();
    fail(&tenant, "admin").await;
    assert_eq!(wait_for(&sign_in(&tenant, "admin", PASSWORD).await, "sign-in-pair"), 30);
    wait_of(&tenant.anybody().post(SEND, &ask).await, "too_many_codes", "code-pause");
    // Three of the five tries are gone, and the code is as good as before.
    let given = |code: &str| json!({ "email": "ada@example.com", "purpose": "register", "code": code });
    tenant
        .anybody()
        .post(VERIFY, &given(&wrong(&code)))
        .await
        .expect_problem(400, "code_invalid");
    tenant.anybody().post(VERIFY, &given(&code)).await.expect(200);
    tenant
        .anybody()
        .post(VERIFY, &given(&code))
        .await
        .expect_problem(400, "code_invalid");
}

#[tokio::test]
async fn two_servers_on_one_database_count_together() {
    if !database::is_postgres() {
        // A directory of SQLite files has one server.
        return;
    }
    let app = TestApp::start().await;
    let here = app.default_tenant();
    let there = Tenant {
        app: &app,
        base: app.start_another().await,
    };
    for n in 0..5 {
        fail([&here, &there][n % 2], "admin").await;
    }
    for node in [&here, &there] {
        assert_eq!(wait_for(&sign_in(node, "admin", PASSWORD).await, "sign-in-pair"), 30);
    }
    let ask = json!({ "email": "ada@example.com", "purpose": "register" });
    here.anybody().post(SEND, &ask).await.expect(200);
    wait_of(&there.anybody().post(SEND, &ask).await, "too_many_codes", "code-pause");

    // At once: whichever server they meet, no more than the limit are looked at.
    let tries = (0..100).map(|n| sign_in([&here, &there][n % 2], "nobody", BAD));
    let answers = futures_util::future::join_all(tries).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    assert_eq!(looked_at, 5);
    app.work().await;
}
