//! Applications are told when sessions end, whatever ends them.

use super::{
    REVOKE, TOKEN, decode,
    flow::{browser_of, code, redeem, request, shop},
    post_form, published, verify,
};
use crate::{
    application::{APPLICATIONS, create},
    support::{
        PASSWORD, Person, Tenant, TestApp,
        browser::Browser,
        receiver::Receiver,
        roles::{USERS, make_user, wrong_fields},
    },
};
use serde_json::{Value, json};
use tenantry::{context::Operator, kit::db::Tx, session};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What the tokens say that came.
fn told(receiver: &Receiver) -> Vec<Value> {
    receiver.take().iter().map(|token| decode(token).1).collect()
}

/// Signs a browser in to `shop`, and returns its tokens.
async fn enter(browser: &Browser<'_>, tenant: &Tenant<'_>, secret: &str, scope: &str) -> Value {
    let one = code(browser, &request("shop", &[("scope", scope)])).await;
    redeem(tenant, ("shop", secret), &one, &[]).await.expect(200)
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("{name}: {tokens}"))
}

fn sid(tokens: &Value) -> Value {
    decode(text(tokens, "id_token")).1["sid"].clone()
}

async fn sign_out(browser: &Browser<'_>) {
    let page = browser.open("/login/sign-out").await;
    browser.submit(&page, &[]).await.expect(200, "signed out");
}

/// What an administrator reads of the deliveries of `shop`: the state of each, and its attempts.
async fn deliveries(owner: &Person<'_>) -> Vec<(String, Vec<Option<String>>)> {
    let list = owner
        .get(&format!("{APPLICATIONS}/shop/logout-deliveries"))
        .await
        .expect(200);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let attempts = |status: &Value| {
        let attempts = status["attempts"].as_array().unwrap().iter();
        attempts.map(|attempt| text(&attempt["error"])).collect()
    };
    let items = list["items"].as_array().unwrap().iter().map(|item| &item["status"]);
    items
        .map(|status| (text(&status["state"]).unwrap(), attempts(status)))
        .collect()
}

#[tokio::test]
async fn an_application_is_told_of_a_sign_out_by_a_token_that_another_library_verifies() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let receiver = Receiver::start();
    let secret = shop(&owner, json!({ "backchannelLogoutUri": receiver.uri })).await;
    let browser = browser_of(&owner).await;
    let tokens = enter(&browser, &tenant, &secret, "openid").await;
    let id = decode(text(&tokens, "id_token")).1;
    assert_eq!((app.work().await, receiver.take().len()), (0, 0), "nothing has ended");
    sign_out(&browser).await;
    assert!(
        receiver.take().is_empty(),
        "nobody outside is called while a request is answered"
    );
    assert_eq!(app.work().await, 1);
    let came = receiver.take();
    assert_eq!(came.len(), 1);
    let claims = verify(&came[0], &published(&tenant).await);
    let (header, _) = decode(&came[0]);
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&json!("logout+jwt"), &json!("RS256"))
    );
    for (name, value) in [
        ("iss", json!(tenant.base)),
        ("aud", json!("shop")),
        ("sub", id["sub"].clone()),
        ("sid", id["sid"].clone()),
        ("events", json!({ EVENT: {} })),
    ] {
        assert_eq!(claims[name], value, "{claims}");
    }
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 120);
    let mut names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"]);
    assert_eq!(deliveries(&owner).await, [("done".to_owned(), vec![None])]);
    // It opens nothing.
    let reply = super::call(&tenant, reqwest::Method::GET, "/oauth2/userinfo", &came[0]).await;
    super::assert_refused(&reply, 401, "invalid_token");
    let page = browser.open(&format!("/oauth2/logout?id_token_hint={}", came[0])).await;
    assert_eq!(page.status(), 400, "{}", page.reply.text);
    // Whoever signs out twice signs out once.
    sign_out_again(&browser).await;
    assert_eq!((app.work().await, receiver.take().len()), (0, 0));
}

async fn sign_out_again(browser: &Browser<'_>) {
    browser.open("/login/sign-out").await.expect(200, "signed out");
}

/// Somebody who signed in to `shop`, and what it got.
struct Entered<'a> {
    app: &'a TestApp,
    owner: &'a Person<'a>,
    browser: &'a Browser<'a>,
    by: (&'a str, &'a str),
    name: &'a str,
    code: &'a str,
    tokens: &'a Value,
}

/// Ends the session of `shop` in one of the ways there are.
async fn end(way: &str, of: Entered<'_>) {
    let Entered {
        app,
        owner,
        browser,
        by,
        name,
        code,
        tokens,
    } = of;
    let tenant = &owner.tenant;
    let of_user = |rest: &str| format!("{USERS}/{name}{rest}");
    match way {
        "sign-out" => sign_out(browser).await,
        "application" => {
            let path = format!("/oauth2/logout?id_token_hint={}", text(tokens, "id_token"));
            assert_eq!(browser.open(&path).await.leads(), "/login/sign-out");
        }
        "withdrawn" => drop(owner.delete(&of_user("/applications/shop")).await),
        "administrator" => drop(owner.delete(&of_user("/sessions")).await),
        "password" => {
            let new = json!({ "password": "another horse battery staple" });
            drop(owner.put(&of_user("/password"), &new).await.expect(200));
        }
        "disabled" => drop(owner.post(&of_user("/disable"), &Value::Null).await.expect(200)),
        "deleted" => drop(owner.delete(&of_user("")).await),
        "code" => {
            app.advance(1);
            super::assert_refused(&redeem(tenant, by, code, &[]).await, 400, "invalid_grant");
        }
        "revoked" => {
            let form = [("token", text(tokens, "refresh_token"))];
            assert_eq!(post_form(tenant, REVOKE, Some(by), &form).await.status.as_u16(), 200);
        }
        "operator" => {
            let id = app.app.find_tenant("default").await.unwrap().unwrap().id;
            let operator = Operator::new(&app.app.services, id);
            let end = async |tx: &Tx| session::end_of_everybody(tx).await;
            operator.write("users/sessions:delete", "*", end).await.unwrap();
        }
        "limit" => {
            for _ in 0..20 {
                app.advance(1);
                enter(browser, tenant, by.1, "openid").await;
            }
        }
        // Somebody else signs in in the same browser.
        _ => {
            let typed = [("username", "user0"), ("password", PASSWORD)];
            assert_eq!(browser.fill("/login?again=1", &typed).await.status(), 303);
        }
    }
}

#[tokio::test]
async fn whatever_ends_a_session_tells_its_application_once() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let receiver = Receiver::start();
    let secret = shop(
        &owner,
        json!({ "backchannelLogoutUri": receiver.uri, "postLogoutRedirectUris": [] }),
    )
    .await;
    let by = ("shop", &*secret);
    for (n, way) in [
        "sign-out",
        "application",
        "administrator",
        "password",
        "disabled",
        "deleted",
        "code",
        "revoked",
        "withdrawn",
        "limit",
        "another",
        "operator",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("user{n}");
        make_user(&owner, &name, "").await;
        let browser = tenant.browser();
        browser.sign_in(&name, PASSWORD).await;
        let one = code(&browser, &request("shop", &[])).await;
        let tokens = redeem(&tenant, by, &one, &[]).await.expect(200);
        let entered = Entered {
            app: &app,
            owner: &owner,
            browser: &browser,
            by,
            name: &name,
            code: &one,
            tokens: &tokens,
        };
        end(way, entered).await;
        app.work().await;
        let told = told(&receiver);
        let mine: Vec<_> = told.iter().filter(|claims| claims["sid"] == sid(&tokens)).collect();
        assert_eq!(mine.len(), 1, "{way}: {told:?}");
        assert_eq!(mine[0]["sub"], decode(text(&tokens, "id_token")).1["sub"], "{way}");
        // The operator ends those of others as well.
        assert!(way == "operator" || told.len() == 1, "{way}: {told:?}");
    }
}

#[tokio::test]
async fn a_refresh_token_that_comes_late_again_tells_the_application() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let receiver = Receiver::start();
    let spec = json!({ "backchannelLogoutUri": receiver.uri, "rotation": "always", "subjectType": "pairwise" });
    let secret = shop(&owner, spec).await;
    let browser = browser_of(&owner).await;
    let tokens = enter(&browser, &tenant, &secret, "openid").await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens, "refresh_token")),
    ];
    let by = Some(("shop", &*secret));
    post_form(&tenant, TOKEN, by, &form).await.expect(200);
    app.advance(11);
    super::assert_refused(&post_form(&tenant, TOKEN, by, &form).await, 400, "invalid_grant");
    app.work().await;
    let told = told(&receiver);
    let id = decode(text(&tokens, "id_token")).1;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["sid"], &told[0]["sub"]), (&id["sid"], &id["sub"]));
    assert!(!text(&id, "sub").starts_with("usr_"), "{id}");
}

#[tokio::test]
async fn an_application_that_stays_connected_is_told_and_goes_on() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let receiver = Receiver::start();
    let spec = json!({ "backchannelLogoutUri": receiver.uri, "scopes": ["openid", "offline_access"] });
    let secret = shop(&owner, spec).await;
    let browser = browser_of(&owner).await;
    let offline = enter(&browser, &tenant, &secret, "openid offline_access").await;
    let online = enter(&browser, &tenant, &secret, "openid").await;
    sign_out(&browser).await;
    app.work().await;
    let mut sids: Vec<_> = told(&receiver).iter().map(|claims| claims["sid"].to_string()).collect();
    let mut ours = vec![sid(&offline).to_string(), sid(&online).to_string()];
    sids.sort_unstable();
    ours.sort_unstable();
    assert_eq!(sids, ours);
    let renew = async |tokens: &Value| {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", text(tokens, "refresh_token")),
        ];
        post_form(&tenant, TOKEN, Some(("shop", &*secret)), &form).await
    };
    super::assert_refused(&renew(&online).await, 400, "invalid_grant");
    renew(&offline).await.expect(200);
    // It has no part in the room that browsers have, and is of none of them any more.
    browser.sign_in("ada", PASSWORD).await;
    sign_out(&browser).await;
    assert_eq!((app.work().await, told(&receiver).len()), (0, 0));
    // An administrator ends all of it.
    owner.delete(&format!("{USERS}/ada/sessions")).await;
    app.work().await;
    assert_eq!(told(&receiver).len(), 1);
    super::assert_refused(&renew(&offline).await, 400, "invalid_grant");
}

#[tokio::test]
async fn an_application_that_does_not_answer_well_is_told_again_until_it_refuses() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let receiver = Receiver::start();
    let secret = shop(&owner, json!({ "backchannelLogoutUri": receiver.uri })).await;
    let browser = browser_of(&owner).await;
    enter(&browser, &tenant, &secret, "openid").await;
    enter(&browser, &tenant, &secret, "openid").await;
    receiver.answer(&[
        (500, "x"),
        (302, ""),
        (204, ""),
        (400, r#"{"error":"invalid_request","error_description":"who?"}"#),
    ]);
    sign_out(&browser).await;
    app.work().await;
    let first = receiver.take();
    assert_eq!(first.len(), 2);
    assert_eq!((app.work().await, receiver.take().len()), (0, 0), "not before its time");
    app.advance(2);
    assert_eq!(app.work().await, 2);
    let second = receiver.take();
    // A token is made when it is sent: another one each time.
    assert!(second.iter().all(|token| !first.contains(token)));
    let mut found = deliveries(&owner).await;
    found.sort();
    let error = |why: &str| Some(format!("the application answers {why}"));
    let refused = error("400 and says invalid_request: who?");
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((&*found[0].0, &found[0].1[1]), ("done", &None), "{found:?}");
    assert_eq!((&*found[1].0, &found[1].1[1]), ("failed", &refused), "{found:?}");
    let mut firsts: Vec<_> = found.iter().map(|(_, attempts)| attempts[0].clone()).collect();
    firsts.sort();
    assert_eq!(firsts, [error("302"), error("500")]);
    app.advance(24 * 3600);
    assert_eq!(app.work().await, 0, "it was given up");
}

#[tokio::test]
async fn an_application_that_is_gone_or_wants_to_know_no_more_is_not_told() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let receiver = Receiver::start();
    let secret = shop(&owner, json!({ "backchannelLogoutUri": receiver.uri })).await;
    let browser = browser_of(&owner).await;
    enter(&browser, &tenant, &secret, "openid").await;
    sign_out(&browser).await;
    let change = json!({ "spec": { "backchannelLogoutUri": null } });
    crate::support::roles::patch(&owner, &format!("{APPLICATIONS}/shop"), &change)
        .await
        .expect(200);
    assert_eq!((app.work().await, receiver.take().len()), (1, 0));
    let change = json!({ "spec": { "backchannelLogoutUri": receiver.uri } });
    crate::support::roles::patch(&owner, &format!("{APPLICATIONS}/shop"), &change)
        .await
        .expect(200);
    browser.sign_in("ada", PASSWORD).await;
    enter(&browser, &tenant, &secret, "openid").await;
    sign_out(&browser).await;
    owner.delete(&format!("{APPLICATIONS}/shop")).await;
    assert_eq!((app.work().await, receiver.take().len()), (1, 0));
}

#[tokio::test]
async fn a_server_that_others_reach_calls_nothing_inside() {
    let app = TestApp::start_with(|config| config.public_url = Some("https://id.example.com".parse().unwrap())).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let receiver = Receiver::start();
    let secret = shop(&owner, json!({ "backchannelLogoutUri": receiver.uri })).await;
    let browser = browser_of(&owner).await;
    enter(&browser, &tenant, &secret, "openid").await;
    owner.delete(&format!("{USERS}/ada/sessions")).await;
    app.work().await;
    assert!(receiver.take().is_empty());
    let found = deliveries(&owner).await;
    assert_eq!(
        found,
        [("failed".to_owned(), vec![Some("only https is called".to_owned())])]
    );
}

#[tokio::test]
async fn an_address_is_registered_as_it_is_called() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for bad in [
        "",
        "shop.example/logout",
        "http://shop.example/logout",
        "https://shop.example/logout#x",
        "https://shop.example/logout#",
        "https://ada@shop.example/logout",
        "https://ada:pw@shop.example/logout",
        "https://shop.example:443/logout",
        "https://SHOP.example/logout",
        "https://shop.example/a/../logout",
        "https://*.shop.example/logout",
        "https://shop.example/log out",
        "javascript:alert(1)",
        "com.example.app:/logout",
        "ftp://shop.example/logout",
        "http://2130706433/logout",
    ] {
        let reply = create(&owner, "shop", "web-server", json!({ "backchannelLogoutUri": bad })).await;
        assert_eq!(wrong_fields(reply), ["spec.backchannelLogoutUri"], "{bad:?}");
    }
    for (n, good) in ["https://shop.example/logout?tenant=1", "http://127.0.0.1:8000/logout"]
        .into_iter()
        .enumerate()
    {
        let spec = json!({ "backchannelLogoutUri": good });
        let made = create(&owner, &format!("shop{n}"), "web-server", spec)
            .await
            .expect(200);
        assert_eq!(made["spec"]["backchannelLogoutUri"], good);
    }
}
