//! Many tries at once: none slips past a limit.

use crate::support::limits::{BAD, VERIFY, code_for, newest, sign_in, wait_for};
use crate::support::{PASSWORD, Reply, TestApp, wrong};
use futures_util::future::join_all;
use serde_json::json;

const SWARM: usize = 200;

fn count(answers: &[Reply], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// Every answer is that of a try, of a limit, or that too many passwords wait to be hashed.
#[track_caller]
fn only(answers: &[Reply], tried: u16) {
    for answer in answers {
        let status = answer.status.as_u16();
        assert!([tried, 429, 503].contains(&status), "{status}: {}", answer.text);
    }
}

#[tokio::test]
async fn of_two_hundred_wrong_passwords_at_once_five_are_looked_at() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    for login in ["admin", "nobody"] {
        let answers = join_all((0..SWARM).map(|_| sign_in(&tenant, login, BAD))).await;
        only(&answers, 401);
        // A request that is turned away because the server is busy was not counted.
        let looked_at = count(&answers, 401);
        assert!((1..=5).contains(&looked_at), "{login}: {looked_at}");
        for _ in looked_at..5 {
            crate::support::limits::fail(&tenant, login).await;
        }
        wait_for(&sign_in(&tenant, login, BAD).await, "sign-in-pair");
    }
}

#[tokio::test]
async fn the_right_password_among_two_hundred_gives_no_more_than_it_does_alone() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    for place in [0, SWARM / 2, SWARM - 1] {
        app.advance(24 * 3600 + 1);
        let swarm = (0..SWARM).map(|n| sign_in(&tenant, "admin", if n == place { PASSWORD } else { BAD }));
        let answers = join_all(swarm).await;
        let (right, wrong): (Vec<_>, Vec<_>) = answers.into_iter().enumerate().partition(|(n, _)| *n == place);
        let wrong: Vec<_> = wrong.into_iter().map(|(_, answer)| answer).collect();
        only(&wrong, 401);
        let right = &right[0].1;
        // Those before it, and once it is forgiven five more.
        let most = if right.status == 200 { 9 } else { 5 };
        assert!(
            count(&wrong, 401) <= most,
            "{} beside {}",
            count(&wrong, 401),
            right.status
        );
        assert!([200, 429, 503].contains(&right.status.as_u16()), "{}", right.text);
        app.advance(24 * 3600);
        sign_in(&tenant, "admin", PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn of_two_hundred_wrong_codes_at_once_ten_are_counted_and_five_compared() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let code = code_for(&owner, "ada@example.com", "register").await;
    let token = newest(&owner, "ada@example.com").await.token();
    let given = |code: &str| json!({ "email": "ada@example.com", "purpose": "register", "code": code });
    let (bad, right) = (given(&wrong(&code)), given(&code));

    let anybody = tenant.anybody();
    let answers = join_all((0..SWARM).map(|_| anybody.post(VERIFY, &bad))).await;
    only(&answers, 400);
    assert_eq!((count(&answers, 400), count(&answers, 429)), (10, SWARM - 10));
    wait_for(&anybody.post(VERIFY, &right).await, "try-address");
    let by_link = given(&token);
    anybody.post(VERIFY, &by_link).await.expect(200);
}

#[tokio::test]
async fn two_hundred_codes_of_two_hundred_addresses_from_one_network_are_not_all_looked_at() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let swarm = (0..SWARM).map(|n| {
        let given = json!({ "email": format!("user{n}@example.com"), "purpose": "register", "code": "123456" });
        let anybody = &anybody;
        async move { anybody.post(VERIFY, &given).await }
    });
    let answers = join_all(swarm).await;
    only(&answers, 400);
    assert_eq!(count(&answers, 400), 30, "the limit of the network");
}

#[tokio::test]
async fn of_fifty_questions_for_a_code_at_once_one_is_answered_with_a_mail() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    app.work().await;
    let anybody = tenant.anybody();
    let ask = json!({ "email": "ada@example.com" });
    let answers = join_all((0..50).map(|_| anybody.post("/v1/password/reset", &ask))).await;
    assert_eq!((count(&answers, 200), count(&answers, 429)), (1, 49));
    assert_eq!(app.work().await, 1);
}
