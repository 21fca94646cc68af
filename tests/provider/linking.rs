//! Whose account somebody is who comes back from a provider: an address is a claim that has to be earned.

use super::{Scene, patch, trusting, who};
use crate::support::{
    PASSWORD, TestApp,
    browser::{Browser, Page},
    limits::set_limits,
    roles::{CONSOLE, USERS, allow, make_role, roles_of},
};
use serde_json::{Value, json};

/// What a provider says of an address that counts.
fn good(email: &str) -> Value {
    json!({ "email": email, "email_verified": true })
}

/// Has the code mailed that the page offers, and gives it back.
async fn prove(scene: &Scene<'_>, browser: &Browser<'_>, address: &str, typed: &[(&str, &str)]) -> Page {
    let mailed = browser.fill("/login/identity", typed).await;
    assert_eq!(mailed.leads(), "/login/identity", "{}", mailed.reply.text);
    scene.app.work().await;
    let code = scene.owner.inbox(address).await[0].code();
    browser.fill("/login/identity", &[("code", &code)]).await
}

#[tokio::test]
async fn the_link_in_the_mail_is_as_good_as_its_code_in_the_browser_that_came_back() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    app.default_tenant().sign_up_proven("ada").await;
    let browser = app.default_tenant().browser();
    scene.come(&browser, good("ada@example.com")).await;
    browser.fill("/login/identity", &[]).await;
    app.work().await;
    let link = scene.owner.inbox("ada@example.com").await[0].link();
    assert!(link.starts_with("/login/identity?token="), "{link}");
    let elsewhere = app.default_tenant().browser();
    assert_eq!(
        elsewhere.open(&link).await.status(),
        400,
        "what waits is known by its cookie"
    );
    // A program that looks at mail opens it, and nothing happens.
    let page = browser.open(&link).await.expect(200, "ada@example.com");
    assert_eq!(who(&browser).await, "");
    let wrong = browser
        .fill(&format!("/login/identity?token={}", "x".repeat(43)), &[])
        .await;
    assert_eq!(wrong.status(), 400);
    assert_eq!(browser.submit(&page, &[]).await.leads(), "/console/");
    assert_eq!(who(&browser).await, "ada");
}

#[tokio::test]
async fn an_address_that_somebody_has_proven_is_linked_only_with_a_code_to_it() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    let ada = app.default_tenant().sign_up_proven("ada").await;
    let browser = app.default_tenant().browser();
    assert_eq!(
        scene.come(&browser, good("ada@example.com")).await.leads(),
        "/login/identity"
    );
    browser
        .open("/login/identity")
        .await
        .expect(200, "There is an account with the address");
    assert_eq!(who(&browser).await, "");
    let mailed = browser.fill("/login/identity", &[]).await;
    assert_eq!(mailed.leads(), "/login/identity");
    let wrong = browser.fill("/login/identity", &[("code", "000000")]).await;
    assert_eq!(wrong.status(), 400);
    app.work().await;
    let mail = scene.owner.inbox("ada@example.com").await.remove(0);
    assert!(mail.text().contains("Corp"), "{}", mail.text());
    let done = browser.fill("/login/identity", &[("code", &mail.code())]).await;
    assert_eq!(done.leads(), "/console/");
    assert_eq!(who(&browser).await, "ada");
    app.work().await;
    let told = scene.owner.inbox("ada@example.com").await.remove(0);
    assert!(told.subject().contains("Corp was added"), "{}", told.subject());
    // What she had stays hers.
    ada.get("/auth/v1/users/me").await.expect(200);
    app.default_tenant().sign_in("ada").await;
    let another = app.default_tenant().browser();
    assert_eq!(
        scene
            .come(&another, json!({ "email": "ada@example.com" }))
            .await
            .leads(),
        "/console/"
    );
}

#[tokio::test]
async fn who_asks_for_a_sign_in_first_links_by_that_alone() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    app.default_tenant().sign_up_proven("ada").await;
    for link in ["ask", "never"] {
        patch(&scene.owner, "corp", json!({ "link": link })).await.expect(200);
        let browser = app.default_tenant().browser();
        scene.come(&browser, good("ada@example.com")).await;
        let page = browser.open("/login/identity").await.expect(200, "sign in to it first");
        assert!(!page.reply.text.contains("<form"), "{link}");
    }
    let browser = app.default_tenant().browser();
    scene.come(&browser, good("ada@example.com")).await;
    let path = "/login?return_to=/login/identity";
    let back = browser.fill(path, &[("username", "ada"), ("password", PASSWORD)]).await;
    assert_eq!(back.leads(), "/login/identity");
    browser
        .open("/login/identity")
        .await
        .expect(200, "Add Corp to your account?");
    assert_eq!(browser.fill("/login/identity", &[]).await.leads(), "/console/");
    let another = app.default_tenant().browser();
    scene.come(&another, json!({ "email": "ada@example.com" })).await;
    assert_eq!(who(&another).await, "ada");
}

#[tokio::test]
async fn an_address_is_linked_by_itself_only_by_who_gives_it_out_and_only_to_who_may_no_more() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let spec = json!({ "emailTrust": "authoritative", "domains": ["example.com"], "link": "automatic" });
    let scene = Scene::new(&app, spec).await;
    app.default_tenant().sign_up_proven("ada").await;
    app.default_tenant().sign_up_proven("boss").await;
    make_role(&scene.owner, "clerk", "", &[allow("users", "list")]).await;
    let grant = json!({ "roles": ["clerk"] });
    scene
        .owner
        .post(&format!("{USERS}/boss/permissions"), &grant)
        .await
        .expect(200);
    let browser = app.default_tenant().browser();
    let mut boss = good("boss@example.com");
    boss["sub"] = json!("sub-2");
    assert_eq!(scene.come(&browser, boss).await.leads(), "/login/identity");
    browser
        .open("/login/identity")
        .await
        .expect(200, "There is an account with the address");
    let doubtful = json!({ "email": "ada@example.com", "email_verified": "true" });
    assert_eq!(scene.come(&browser, doubtful).await.leads(), "/login/identity");
    assert_eq!(scene.come(&browser, good("ada@example.com")).await.leads(), "/console/");
    assert_eq!(who(&browser).await, "ada");
}

#[tokio::test]
async fn only_a_true_boolean_of_a_domain_that_is_believed_counts_as_proof() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    let wide = json!({ "providerBeginNetwork": { "most": 100 } });
    crate::support::limits::set_limits(&scene.owner, wide).await;
    let browser = app.default_tenant().browser();
    for doubt in [
        json!(false),
        json!("true"),
        json!("false"),
        json!(1),
        json!(0),
        Value::Null,
        json!([]),
        json!({}),
    ] {
        let claims = json!({ "email": "ada@example.com", "email_verified": doubt });
        scene.come(&browser, claims).await;
        browser
            .open("/login/identity")
            .await
            .expect(200, "no address that we can rely on");
    }
    let elsewhere = scene.come(&browser, good("ada@example.org")).await;
    elsewhere.expect(403, "is not accepted here");
    patch(&scene.owner, "corp", json!({ "emailTrust": "never" }))
        .await
        .expect(200);
    scene.come(&browser, good("ada@example.com")).await;
    browser
        .open("/login/identity")
        .await
        .expect(200, "no address that we can rely on");
    patch(&scene.owner, "corp", trusting()).await.expect(200);
    scene.come(&browser, good("ada@example.com")).await;
    browser
        .open("/login/identity")
        .await
        .expect(200, "An account is made for you");
}

#[tokio::test]
async fn without_an_address_that_counts_the_person_proves_one_and_it_looks_alike_for_all() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, json!({})).await;
    app.default_tenant().sign_up_proven("ada").await;
    let browser = app.default_tenant().browser();
    // Nobody has this one.
    scene.come(&browser, json!({})).await;
    let free = prove(&scene, &browser, "new@example.com", &[("email", "new@example.com")]).await;
    assert_eq!(free.leads(), "/login/identity");
    let form = browser
        .open("/login/identity")
        .await
        .expect(200, "An account is made for you");
    assert_eq!(
        browser.submit(&form, &[("username", "newcomer")]).await.leads(),
        "/console/"
    );
    assert_eq!(who(&browser).await, "newcomer");
    // Somebody has this one: whoever reads its mail.
    let another = app.default_tenant().browser();
    scene.come(&another, json!({ "sub": "sub-2" })).await;
    let linked = prove(&scene, &another, "ada@example.com", &[("email", "ada@example.com")]).await;
    assert_eq!(linked.leads(), "/console/");
    assert_eq!(who(&another).await, "ada");
}

/// An account of an attacker with the victim's address, which they never proved, and everything else they could add.
async fn squat<'a>(scene: &Scene<'a>) -> (crate::support::Person<'a>, Browser<'a>) {
    let tenant = scene.app.default_tenant();
    let eve = tenant.sign_up("ada").await;
    scene.app.work().await;
    let browser = tenant.browser();
    browser.sign_in("ada", PASSWORD).await;
    let form = browser.open("/login/with/corp?purpose=link").await;
    let begun = super::parameters(&browser.submit(&form, &[]).await);
    let claims = json!({ "sub": "eve", "email": "eve@example.com" });
    scene.sign(&scene.claims(&begun, &claims));
    assert_eq!(browser.open(&scene.back(&begun)).await.leads(), "/console/");
    (eve, browser)
}

#[tokio::test]
async fn the_first_proof_of_an_address_wins_and_what_was_begun_without_one_is_gone() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    let (eve, hers) = squat(&scene).await;
    let victim = app.default_tenant().browser();
    scene.come(&victim, good("ada@example.com")).await;
    let form = victim
        .open("/login/identity")
        .await
        .expect(200, "was begun with your address");
    assert_eq!(victim.submit(&form, &[]).await.leads(), "/console/");
    assert_eq!(who(&victim).await, "ada");
    // By nothing that the attacker had.
    eve.get("/auth/v1/users/me").await.expect(401);
    assert_eq!(who(&hers).await, "");
    let refresh = json!({ "refreshToken": eve.tokens["refreshToken"] });
    assert_eq!(eve.post("/v1/refresh", &refresh).await.status.as_u16(), 401);
    let password = json!({ "username": "ada", "password": PASSWORD });
    assert_eq!(
        app.default_tenant()
            .anybody()
            .post("/v1/login", &password)
            .await
            .status
            .as_u16(),
        401
    );
    let again = app.default_tenant().browser();
    let claims = json!({ "sub": "eve", "email": "eve@example.com" });
    assert_eq!(scene.come(&again, claims).await.leads(), "/login/identity");
    let events = scene
        .owner
        .get(&format!("{CONSOLE}/audit-events?size=5"))
        .await
        .expect(200);
    assert!(events.to_string().contains("identity"), "{events}");
}

#[tokio::test]
async fn a_new_account_can_be_made_beside_one_that_was_begun_and_then_nobody_proves_that_one() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    let (eve, _) = squat(&scene).await;
    let victim = app.default_tenant().browser();
    scene.come(&victim, good("ada@example.com")).await;
    let form = victim.open("/login/identity").await;
    assert_eq!(victim.submit(&form, &[("new", "1")]).await.leads(), "/console/");
    let name = who(&victim).await;
    assert!(name.starts_with("ada-"), "{name}");
    let code = scene.app.default_tenant().mail_to("ada@example.com").await;
    drop((eve, code));
}

#[tokio::test]
async fn an_account_with_rights_is_not_taken_over_by_the_word_of_a_provider() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    let new = json!({ "name": "boss", "email": "boss@example.com", "password": PASSWORD, "roles": ["support"], "mustChangePassword": false });
    scene.owner.post(USERS, &new).await.expect(200);
    scene
        .app
        .execute("update email set verified_at = null where address_key = 'boss@example.com'")
        .await;
    let browser = app.default_tenant().browser();
    scene.come(&browser, good("boss@example.com")).await;
    browser
        .open("/login/identity")
        .await
        .expect(200, "There is an account with the address");
    let proven = prove(&scene, &browser, "boss@example.com", &[]).await;
    assert_eq!(proven.leads(), "/login/identity");
    browser
        .open("/login/identity")
        .await
        .expect(200, "was begun with your address");
    assert_eq!(browser.fill("/login/identity", &[]).await.leads(), "/console/");
    assert_eq!(who(&browser).await, "boss");
}

#[tokio::test]
async fn sign_up_through_a_provider_is_sign_up() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    let policy = format!("{CONSOLE}/policies/sign-up");
    let set = async |spec: Value| {
        scene.owner.put(&policy, &json!({ "spec": spec })).await.expect(200);
    };
    let browser = app.default_tenant().browser();
    let come = async || {
        scene.come(&browser, good("ada@example.com")).await;
        browser.open("/login/identity").await
    };
    for closed in [
        json!({ "mode": "closed" }),
        json!({ "mode": "invited" }),
        json!({ "mode": "open", "allowedDomains": ["example.org"] }),
    ] {
        set(json!({ "mode": "open" })).await;
        let form = come().await;
        set(closed).await;
        browser.submit(&form, &[]).await.expect(400, "");
        come().await.expect(200, "Sign-up is closed");
    }
    set(json!({ "mode": "invited" })).await;
    let invited = json!({ "spec": { "email": "ada@example.com" } });
    scene
        .owner
        .post(&format!("{CONSOLE}/invitations"), &invited)
        .await
        .expect(200);
    app.work().await;
    let form = come().await.expect(200, "An account is made for you");
    let taken = browser.submit(&form, &[("username", "admin")]).await;
    assert_eq!(taken.status(), 409);
    assert_eq!(browser.submit(&form, &[("username", "ada")]).await.leads(), "/console/");
    let invitations = scene.owner.get(&format!("{CONSOLE}/invitations")).await.expect(200);
    assert_eq!(invitations["items"], json!([]));
    set(json!({ "mode": "open" })).await;
    patch(&scene.owner, "corp", json!({ "signUp": "never" }))
        .await
        .expect(200);
    let another = app.default_tenant().browser();
    let mut claims = good("bob@example.com");
    claims["sub"] = json!("sub-2");
    scene.come(&another, claims).await;
    another.open("/login/identity").await.expect(200, "Sign-up is closed");
}

#[tokio::test]
async fn who_is_invited_to_a_role_shows_that_the_mailbox_is_theirs_before_they_have_it() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    let invited = json!({ "spec": { "email": "ada@example.com", "roles": ["owner"] } });
    let invitations = format!("{CONSOLE}/invitations");
    scene.owner.post(&invitations, &invited).await.expect(200);
    app.work().await;
    let browser = app.default_tenant().browser();
    // The provider's word is enough for an account, and not for this one.
    scene.come(&browser, good("ada@example.com")).await;
    let page = browser.open("/login/identity").await.expect(200, "You are invited");
    let early = browser.submit(&page, &[("username", "ada")]).await;
    assert_eq!(early.leads(), "/login/identity", "that asked for a code");
    app.work().await;
    let code = scene.owner.inbox("ada@example.com").await[0].code();
    browser.fill("/login/identity", &[("code", &code)]).await;
    let form = browser
        .open("/login/identity")
        .await
        .expect(200, "An account is made for you");
    assert_eq!(browser.submit(&form, &[("username", "ada")]).await.leads(), "/console/");
    assert_eq!(roles_of(&scene.owner, "ada").await, ["owner"]);
    assert_eq!(scene.owner.get(&invitations).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn somebody_who_is_signed_in_is_asked_whose_it_is() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    app.default_tenant().sign_up_proven("ada").await;
    let browser = app.default_tenant().browser();
    browser.sign_in("ada", PASSWORD).await;
    scene
        .come_from(&browser, "/login/with/corp", good("new@example.com"))
        .await;
    let form = browser.open("/login/identity").await.expect(200, "signed in as ada");
    assert_eq!(
        browser.submit(&form, &[("other", "1")]).await.leads(),
        "/login/identity"
    );
    browser
        .open("/login/identity")
        .await
        .expect(200, "An account is made for you");
    assert_eq!(browser.fill("/login/identity", &[]).await.leads(), "/console/");
    assert_eq!(who(&browser).await, "new");
}

#[tokio::test]
async fn of_one_subject_and_of_one_address_one_account_is_made_however_many_try() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    // What they do before they are counted is not what this is about.
    let many = json!({ "most": 1_000, "seconds": 600 });
    set_limits(
        &scene.owner,
        json!({ "providerBeginNetwork": many, "providerCallbackNetwork": many, "signUpNetwork": many }),
    )
    .await;
    let browsers: Vec<_> = (0..50).map(|_| app.default_tenant().browser()).collect();
    for (number, browser) in browsers.iter().enumerate() {
        let mut claims = good("ada@example.com");
        claims["sub"] = json!(format!("sub-{}", number / 25));
        scene.come(browser, claims).await;
    }
    let sent = browsers.iter().map(|browser| browser.fill("/login/identity", &[]));
    futures_util::future::join_all(sent).await;
    let accounts = app.count("select count(*) from \"user\"").await;
    assert_eq!(accounts, 2, "the owner's, and one");
}
