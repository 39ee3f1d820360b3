//! Several mounts and applications on one host, in one browser.

use std::net::SocketAddr;

use gatevault_web_tests::{PASSWORD, Reply, Request};

use crate::browser::{Jar, credentials};

struct Page<'j> {
    server: SocketAddr,
    jar: &'j mut Jar,
    prefix: &'static str,
    csrf: &'static str,
}

impl Page<'_> {
    fn ask(&mut self, route: &str, build: impl FnOnce(Request) -> Request) -> Reply {
        let path = format!("{}{route}", self.prefix);
        let request = Request::post(&path)
            .header("Cookie", self.jar.header(&path))
            .header("X-CSRF-Token", self.jar.readable(self.csrf));
        let reply = build(request).send(self.server);
        self.jar.store(&reply);
        reply
    }

    fn log_in(&mut self, name: &str) {
        let reply = self.ask("/login", |request| request.json(&credentials(name, PASSWORD)));
        assert_eq!(
            (reply.status, reply.cookie(self.csrf)),
            (200, reply.json()["csrf_token"].as_str().unwrap().to_owned())
        );
    }

    /// Refreshes, and returns the user of the new access token.
    fn refresh(&mut self) -> Result<String, u16> {
        let reply = self.ask("/refresh", |request| request);
        if reply.status != 200 {
            return Err(reply.status);
        }
        let access = reply.json()["access_token"].as_str().unwrap().to_owned();
        Ok(Request::get("/profile").bearer(&access).send(self.server).body)
    }

    fn log_out(&mut self) -> u16 {
        self.ask("/logout", |request| request).status
    }
}

const ROOT: Mount = ("", "__Host-csrf_token");
const A: Mount = ("/a", "__Host-csrf_token.a");
const B: Mount = ("/b", "__Host-csrf_token.b");
const SHOP: Mount = ("/shop", "__Host-csrf_token-shop_token");
const AUTH: Mount = ("/auth", "__Host-csrf_token.auth");
const ADMIN: Mount = ("/auth/admin", "__Host-csrf_token.auth.admin");

type Mount = (&'static str, &'static str);

fn page(server: SocketAddr, jar: &mut Jar, (prefix, csrf): Mount) -> Page<'_> {
    Page { server, jar, prefix, csrf }
}

const ADA: &str = "user 1";
const BOB: &str = "user 2";

pub(crate) fn two_mounts_and_two_applications_leave_each_other_alone(server: SocketAddr) {
    let all = [ROOT, A, B, SHOP];
    for last in all {
        let jar = &mut Jar::default();
        for mount in all {
            page(server, jar, mount).log_in(if mount == last { "bob" } else { "ada" });
        }
        for mount in all.into_iter().chain(all) {
            let user = if mount == last { BOB } else { ADA };
            assert_eq!(page(server, jar, mount).refresh().as_deref(), Ok(user), "{mount:?} {last:?}");
        }
        assert_eq!(page(server, jar, last).log_out(), 204);
        assert_eq!(page(server, jar, last).refresh(), Err(401));
        assert_eq!(page(server, jar, last).log_out(), 204);
        for mount in all.into_iter().filter(|mount| *mount != last) {
            assert_eq!(page(server, jar, mount).refresh().as_deref(), Ok(ADA), "{mount:?} {last:?}");
        }
    }
}

/// A request to the inner mount carries the refresh cookie of the outer one as well, under the same name.
pub(crate) fn nested_mounts_leave_each_other_alone(server: SocketAddr) {
    let jar = &mut Jar::default();
    page(server, jar, AUTH).log_in("ada");
    page(server, jar, ADMIN).log_in("bob");
    for _ in 0..2 {
        assert_eq!(page(server, jar, AUTH).refresh().as_deref(), Ok(ADA));
        assert_eq!(page(server, jar, ADMIN).refresh().as_deref(), Ok(BOB));
    }
    assert_eq!(page(server, jar, ADMIN).log_out(), 204);
    assert_eq!(page(server, jar, AUTH).refresh().as_deref(), Ok(ADA));
    // The session of the outer mount is not taken for one of the inner.
    assert_eq!(page(server, jar, ADMIN).refresh(), Err(403));
    page(server, jar, ADMIN).log_in("bob");
    assert_eq!(page(server, jar, AUTH).log_out(), 204);
    assert_eq!(page(server, jar, ADMIN).refresh().as_deref(), Ok(BOB));
}

pub(crate) fn over_plain_http_the_cookies_have_neither_prefix_nor_secure(server: SocketAddr) {
    let login = Request::post("/intranet/login").json(&credentials("ada", PASSWORD)).send(server);
    let [refresh, csrf] = login.cookies()[..] else { panic!("{login:?}") };
    assert!(refresh.starts_with("refresh_token=ey"), "{refresh}");
    assert!(refresh.ends_with("; HttpOnly; SameSite=Strict; Path=/intranet; Max-Age=604800"), "{refresh}");
    assert!(csrf.starts_with("csrf_token.intranet="), "{csrf}");
    assert!(csrf.ends_with("; SameSite=Strict; Path=/; Max-Age=604800"), "{csrf}");
    let jar = &mut Jar::default();
    let mut page = page(server, jar, ("/intranet", "csrf_token.intranet"));
    page.log_in("ada");
    assert_eq!((page.refresh().as_deref(), page.log_out(), page.refresh()), (Ok(ADA), 204, Err(401)));
}
