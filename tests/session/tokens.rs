//! Sessions: tokens for applications, a cookie for browsers.

use crate::support::{PASSWORD, Tenant, TestApp};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

const ME: &str = "/apis/console/v1alpha1/users/-";
const SESSIONS: &str = "/apis/console/v1alpha1/sessions";

#[tokio::test]
async fn a_wrong_password_an_unknown_user_and_an_unknown_address_look_the_same() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let body = |login: &str, password: &str| json!({ "username": login, "password": password });

    let mut answers = vec![];
    for given in [
        body("admin", "not the password"),
        body("nobody", PASSWORD),
        body("nobody@example.com", PASSWORD),
        body("not/a name", PASSWORD),
        json!({ "email": "admin@localhost", "password": "not the password" }),
    ] {
        let mut answer = tenant
            .anybody()
            .post("/v1/login", &given)
            .await
            .expect_problem(401, "credentials_invalid");
        answer["details"][0]["metadata"] = json!(null);
        answers.push(answer);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let right = json!({ "email": "admin@localhost", "password": PASSWORD });
    tenant.anybody().post("/v1/login", &right).await.expect(200);
}

#[tokio::test]
async fn an_access_token_lasts_fifteen_minutes_and_a_refresh_token_renews_it() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    assert_eq!(owner.tokens["expiresIn"], 900);

    app.advance(899);
    owner.get(ME).await.expect(200);
    app.advance(2);
    owner.get(ME).await.expect_problem(401, "unauthenticated");

    let given = json!({ "refreshToken": owner.tokens["refreshToken"] });
    let mut renewed = owner.clone();
    renewed.tokens = owner.post("/v1/refresh", &given).await.expect(200);
    renewed.get(ME).await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_that_comes_again_ends_its_session() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (victim, other) = (tenant.owner().await, tenant.owner().await);
    let stolen = json!({ "refreshToken": victim.tokens["refreshToken"] });

    let mut renewed = victim.clone();
    renewed.tokens = victim.post("/v1/refresh", &stolen).await.expect(200);
    renewed.get(ME).await.expect(200);
    app.advance(11);
    victim
        .post("/v1/refresh", &stolen)
        .await
        .expect_problem(401, "refresh_token_invalid");

    renewed.get(ME).await.expect_problem(401, "unauthenticated");
    let newest = json!({ "refreshToken": renewed.tokens["refreshToken"] });
    renewed
        .post("/v1/refresh", &newest)
        .await
        .expect_problem(401, "refresh_token_invalid");
    other.get(ME).await.expect(200);
}

#[tokio::test]
async fn fifty_parallel_refreshes_have_one_successor() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let given = json!({ "refreshToken": owner.tokens["refreshToken"] });

    let answers = futures_util::future::join_all((0..50).map(|_| owner.post("/v1/refresh", &given))).await;

    let next: std::collections::BTreeSet<_> = answers
        .iter()
        .map(|answer| {
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.json()["refreshToken"].to_string()
        })
        .collect();
    assert_eq!(next.len(), 1, "racing twins are answered with the same next token");
    let live = app
        .count("select count(*) from refresh_token where used_at is null")
        .await;
    assert_eq!(live, 1);
}

#[tokio::test]
async fn an_idle_refresh_token_and_an_old_session_end() {
    const DAY: i64 = 24 * 3600;
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let idle = tenant.owner().await;
    let mut busy = tenant.owner().await;

    for day in 0..4 {
        let given = json!({ "refreshToken": busy.tokens["refreshToken"] });
        let answer = busy.post("/v1/refresh", &given).await;
        assert_eq!(answer.status == 200, day * 8 < 30, "day {}: {}", day * 8, answer.text);
        busy.tokens = answer.json();
        app.advance(8 * DAY);
    }
    let given = json!({ "refreshToken": busy.tokens["refreshToken"] });
    busy.post("/v1/refresh", &given)
        .await
        .expect_problem(401, "refresh_token_invalid");
    let given = json!({ "refreshToken": idle.tokens["refreshToken"] });
    idle.post("/v1/refresh", &given)
        .await
        .expect_problem(401, "refresh_token_invalid");
}

#[tokio::test]
async fn what_has_run_out_long_ago_is_not_kept_also_of_who_never_comes_back() {
    const DAY: i64 = 24 * 3600;
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let counts = async || {
        let mut counts = vec![];
        for table in [
            "session",
            "refresh_token",
            "user_network",
            "verification",
            "message",
            "job",
        ] {
            counts.push(app.count(&format!("select count(*) from {table}")).await);
        }
        counts
    };
    let ask = async |address: &str| {
        let ask = json!({ "email": address, "purpose": "register" });
        let path = "/v1/email/send-verification";
        tenant.anybody().post(path, &ask).await.expect(200);
        app.work().await;
    };
    tenant.sign_up("ben").await;
    app.work().await;
    let mut owner = tenant.owner().await;
    for _ in 0..2 {
        let given = json!({ "refreshToken": owner.tokens["refreshToken"] });
        owner.tokens = owner.post("/v1/refresh", &given).await.expect(200);
    }
    ask("ada@example.com").await;
    assert_eq!(counts().await, [2, 4, 2, 2, 2, 2]);

    app.advance(31 * DAY);
    tenant.owner().await;
    ask("eve@example.com").await;
    assert_eq!(
        counts().await,
        [3, 5, 2, 1, 1, 1],
        "sessions and networks tell for longer"
    );

    app.advance(91 * DAY);
    tenant.owner().await;
    assert_eq!(counts().await, [1, 1, 1, 1, 1, 1]);
}

#[tokio::test]
async fn signing_out_ends_the_session_or_all_of_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (here, there, third) = (tenant.owner().await, tenant.owner().await, tenant.owner().await);

    here.post("/v1/logout", &json!({})).await.expect(200);
    here.get(ME).await.expect_problem(401, "unauthenticated");
    let dead = json!({ "refreshToken": here.tokens["refreshToken"] });
    here.post("/v1/refresh", &dead)
        .await
        .expect_problem(401, "refresh_token_invalid");
    there.get(ME).await.expect(200);

    let all = json!({ "refreshToken": there.tokens["refreshToken"], "allSessions": true });
    tenant.anybody().post("/v1/logout", &all).await.expect(200);
    there.get(ME).await.expect_problem(401, "unauthenticated");
    third.get(ME).await.expect_problem(401, "unauthenticated");

    let unknown = json!({ "refreshToken": "long gone" });
    tenant.anybody().post("/v1/logout", &unknown).await.expect(200);
    tenant
        .anybody()
        .post("/v1/logout", &json!({}))
        .await
        .expect_problem(401, "unauthenticated");
}

/// Signs the owner in as a browser would; answers with the cookie as it is sent back.
async fn browser(tenant: &Tenant<'_>) -> String {
    let given = json!({ "username": "admin", "password": PASSWORD });
    let answer = tenant.anybody().post(SESSIONS, &given).await;
    let set = answer.header("set-cookie").to_owned();
    assert_eq!(answer.expect(200)["user"]["metadata"]["name"], "admin");
    assert!(
        set.contains("; HttpOnly; SameSite=Lax") && set.contains("; Path="),
        "{set}"
    );
    set.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_browser_signs_in_and_out_with_a_cookie_scripts_cannot_read() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let cookie = browser(&tenant).await;
    let with_cookie = |method, path| anybody.request(method, path).header("cookie", &cookie);

    anybody.send(with_cookie(Method::GET, ME)).await.expect(200);
    let out = with_cookie(Method::DELETE, "/apis/console/v1alpha1/sessions/-").header("sec-fetch-site", "same-origin");
    let out = anybody.send(out).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    out.expect(204);
    anybody
        .send(with_cookie(Method::GET, ME))
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_request_of_another_site_is_refused_when_signed_in_by_cookie() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let cookie = browser(&tenant).await;
    let new = json!({ "name": "eve", "email": "eve@example.com" });
    let create = |headers: &[(&'static str, &str)]| {
        let mut request = anybody
            .request(Method::POST, "/apis/console/v1alpha1/users")
            .header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.json(&new)
    };

    for foreign in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ] {
        anybody.send(create(foreign)).await.expect_problem(403, "cross_site");
    }
    anybody.send(create(&[("origin", &app.base)])).await.expect(200);
}

#[tokio::test]
async fn with_https_the_cookie_is_bound_to_its_host() {
    let app = TestApp::start_with(|config| config.public_url = Some("https://id.example.com".parse().unwrap())).await;
    let tenant = app.default_tenant();
    let given = json!({ "username": "admin", "password": PASSWORD });

    let answer = tenant.anybody().post(SESSIONS, &given).await;

    let set = answer.header("set-cookie");
    assert!(
        set.starts_with("__Host-tenantry-default=") && set.contains("; Secure; Path=/; Max-Age="),
        "{set}"
    );
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn a_user_has_so_many_sessions_and_one_more_ends_the_oldest() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let policy = json!({ "spec": {
        "accessTokenSeconds": 900, "idleSeconds": 1_209_600, "absoluteSeconds": 2_592_000, "mostPerUser": 3,
    } });
    let owner = tenant.owner().await;
    let path = "/apis/console/v1alpha1/policies/sessions";
    owner.put(path, &policy).await.expect(200);
    tenant.sign_up("ada").await;
    app.work().await;
    let mut devices = vec![];
    for _ in 0..3 {
        app.advance(1);
        devices.push(tenant.sign_in("ada").await);
    }
    for device in &devices {
        device.get(ME).await.expect(200);
    }
    app.advance(1);
    tenant.sign_in("ada").await.get(ME).await.expect(200);
    assert_eq!(devices[0].get(ME).await.status, 401);
    devices[1].get(ME).await.expect(200);

    // Nor do many at once make more.
    let given = json!({ "username": "ada", "password": PASSWORD });
    let anybody = tenant.anybody();
    // As many as a person may have wrong before they wait.
    let answers = join_all((0..5).map(|_| anybody.post("/v1/login", &given))).await;
    for answer in answers {
        answer.expect(200);
    }
    let living = app.count("select count(*) from session where ended_at is null").await;
    assert_eq!(living, 3 + 1, "the owner has one");
}
