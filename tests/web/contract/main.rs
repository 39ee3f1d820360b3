//! One contract for every edge, tested with real requests over real sockets.
#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "a slip here fails a test, as it should"
)]

mod account_stores;
mod accounts;
mod addresses;
mod browser;
mod continuing;
mod cookies;
mod csrf_cookies;
mod denials;
mod dropped;
mod events;
mod forgery;
mod gates;
mod guards;
mod headers;
mod hosts;
mod in_process;
mod keys;
mod login;
mod logout;
mod mounts;
mod new_passwords;
mod origins;
mod page_settings;
mod pages;
mod redirects;
mod resources;
mod routes;
mod scopes;
mod sessions;
mod settings;
mod token;
mod token_clients;
mod token_revocation;
mod token_scopes;
mod token_settings;

/// Runs every test against one edge, on a server that they share.
macro_rules! contract {
    ($edge:ident: $($theme:ident::{$($test:ident),+ $(,)?})+) => {
        mod $edge {
            use std::net::SocketAddr;
            use std::sync::LazyLock;

            use gatevault_web_tests::{End, Site, edges};

            static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| edges::$edge(Site::default()));

            $(mod $theme {
                $(#[test]
                fn $test() {
                    crate::$theme::$test(*super::SERVER);
                })+
            })+

            #[test]
            fn too_many_guesses_have_to_wait() {
                let site = Site { is_throttled: true, ..Site::default() };
                let server = edges::$edge(site);
                crate::login::too_many_guesses_have_to_wait(server);
                crate::addresses::a_private_peer_is_not_throttled_by_its_address(server);
                crate::addresses::guesses_count_by_the_address_that_the_trusted_proxy_wrote(server);
                crate::accounts::guesses_at_the_current_password_have_to_wait(server);
                crate::accounts::registrations_from_one_address_have_to_wait(server);
            }

            #[test]
            fn guesses_at_the_token_endpoint_and_at_the_login_count_together() {
                let site = Site { is_throttled: true, ..Site::default() };
                crate::token::guesses_at_the_token_endpoint_and_at_the_login_count_together(edges::$edge(site));
            }

            #[test]
            fn cookies_live_no_longer_than_their_refresh_token() {
                let site = Site { end: End::OfSessions, ..Site::default() };
                let check = crate::cookies::cookies_live_no_longer_than_their_refresh_token;
                check(edges::$edge(site), 3_600);
                let site = Site { end: End::OfRefreshTokens, ..Site::default() };
                check(edges::$edge(site), 1_800);
            }

            #[test]
            fn the_application_chooses_what_denials_say() {
                let server = edges::$edge(Site { has_own_denials: true, ..Site::default() });
                crate::denials::of_a_guarded_scope(server);
                crate::denials::of_the_login_routes(server);
                crate::denials::every_other_response_stays_as_it_is(server);
                // tiny_http has no place around functions and extractors.
                if stringify!($edge) != "tiny_http" {
                    crate::denials::of_functions_extractors_and_key_exchanges(server);
                }
            }

            #[test]
            fn a_login_succeeds_while_the_revocation_feed_is_stale() {
                let site = Site { has_stale_feed: true, ..Site::default() };
                let server = edges::$edge(site);
                crate::login::a_login_succeeds_while_the_revocation_feed_is_stale(server);
                crate::token_revocation::while_the_revocation_feed_is_stale_only_a_password_is_exchanged(server);
            }
        }
    };
}

/// Runs the contract for several edges. `$not_ascii` is the test of what they do with a header that is not ASCII.
macro_rules! edges {
    ($not_ascii:ident: $($edge:ident),+ $(,)?) => {
        $(contract! {
            $edge:
            guards::{
                a_good_token_is_accepted,
                a_missing_token_gets_a_bare_challenge,
                a_malformed_token_is_refused,
                an_expired_token_is_refused_and_the_challenge_says_so,
                a_tampered_token_is_refused,
                a_refresh_token_is_refused,
                a_purpose_token_is_refused,
                a_wrong_role_is_not_allowed,
                a_missing_scope_is_named,
                a_denial_is_the_same_response_from_every_return_type,
                a_token_of_a_revoked_session_is_refused,
                an_optional_guard_accepts_a_missing_token_and_refuses_a_bad_one,
                an_extractor_denies_before_the_body_is_read,
                a_denial_reveals_only_that_a_token_has_expired,
                the_test_kit_knows_the_kind_of_each_denial,
            }
            headers::{
                the_scheme_may_be_in_any_case,
                another_scheme_counts_as_no_token,
                several_headers_are_refused,
                $not_ascii,
                a_token_without_its_scheme_counts_as_no_token,
            }
            scopes::{
                a_guarded_scope_accepts_a_good_token,
                a_guarded_scope_denies_before_the_body_is_read,
                a_guarded_scope_enforces_its_requirement,
                a_guarded_scope_names_the_scope_that_a_token_lacks,
                a_guarded_scope_names_its_scope_to_a_client_without_a_valid_token,
            }
            login::{
                json_and_forms_log_in,
                unknown_users_and_wrong_passwords_get_the_same_response,
                other_content_types_are_refused,
                broken_bodies_are_refused,
                a_malformed_login_says_what_is_missing,
                each_route_has_the_error_codes_of_its_credentials,
                a_name_of_any_characters_is_a_wrong_name,
                a_name_is_looked_up_as_the_application_writes_it,
                large_bodies_are_refused,
                bodies_in_chunks_are_read_up_to_the_limit,
                a_page_of_another_site_logs_no_user_in,
                tokens_are_stored_by_no_cache,
            }
            cookies::{
                a_login_sets_the_cookies_and_the_body_has_no_refresh_token,
                a_refresh_rotates_the_cookie,
                a_logout_ends_the_session_and_deletes_the_cookies,
                two_tabs_that_refresh_at_once_stay_logged_in,
                a_token_that_was_used_long_ago_ends_the_session,
                of_several_cookies_the_one_of_the_csrf_token_is_refreshed,
                a_refresh_token_in_the_body_is_ignored,
                a_purpose_token_neither_refreshes_nor_ends_a_session,
                clients_without_cookies_have_the_refresh_token_in_the_body,
            }
            forgery::{
                a_refresh_needs_the_csrf_header,
                a_logout_needs_the_csrf_header,
                the_csrf_token_of_another_session_is_refused,
                a_planted_pair_of_cookie_and_header_is_refused,
                the_csrf_token_stays_while_the_session_is_refreshed,
                a_page_of_another_site_is_refused,
            }
            origins::{
                without_fetch_metadata_the_origin_must_be_that_of_the_host,
                fetch_metadata_decides_before_the_origin,
                a_page_of_another_host_of_the_site_logs_in_with_json_refreshes_and_logs_out,
                a_form_of_another_host_of_the_site_logs_no_user_in,
                pages_of_allowed_origins_use_cookies_of_another_site,
                routes_without_cookies_ask_for_no_origin,
            }
            logout::{
                a_cookie_of_no_session_is_deleted,
                the_session_goes_whose_csrf_token_the_request_echoes,
                a_logout_is_refused_if_no_genuine_cookie_has_its_csrf_token,
                more_cookies_than_are_verified_are_deleted_and_no_success,
                without_cookies_the_access_token_names_the_session,
                without_cookies_only_the_own_page_deletes_them_and_succeeds,
                over_plain_http_a_logout_without_a_token_is_no_success,
                clients_without_cookies_may_repeat_a_logout,
            }
            mounts::{
                two_mounts_and_two_applications_leave_each_other_alone,
                nested_mounts_leave_each_other_alone,
                over_plain_http_the_cookies_have_neither_prefix_nor_secure,
            }
            pages::{
                a_login_form_leads_to_the_page_and_a_failure_back_to_the_form,
                a_login_without_a_form_sets_the_cookies_and_returns_the_tokens,
                a_page_has_the_csrf_token_of_its_session_and_logs_out_by_a_form,
                a_logout_form_needs_its_csrf_field,
                without_a_refresh_cookie_a_logout_ends_the_session_of_the_page,
                a_refresh_form_leads_to_a_page,
                a_visit_without_a_good_token_is_refreshed_and_comes_back,
                what_is_no_visit_gets_the_ordinary_denial,
                htmx_is_redirected_by_its_own_header,
                a_form_without_a_good_token_is_sent_to_the_login_page,
                a_request_of_another_host_is_refused_even_with_a_good_token,
                a_link_of_another_site_is_followed_with_a_good_token,
                continue_answers_navigations_only,
                continue_without_a_session_keeps_the_page_for_the_login,
                continue_refreshes_the_session_of_the_csrf_cookie_only,
                a_browser_that_drops_the_token_is_sent_to_the_login_page,
                two_tabs_that_continue_at_once_both_arrive,
                two_applications_of_a_host_leave_each_other_alone,
                pages_over_plain_http_have_cookies_without_prefix,
            }
            accounts::{
                a_registration_adds_a_user_and_begins_a_session_as_a_login_does,
                a_client_without_cookies_registers_and_gets_both_tokens,
                a_refused_registration_says_what_is_wrong_and_adds_no_user,
                a_taken_name_is_a_conflict_in_every_spelling,
                of_registrations_of_one_name_at_once_exactly_one_succeeds,
                a_page_of_another_site_registers_no_user,
                a_registration_form_of_pages_leads_to_the_page_and_a_failure_to_the_login_page,
                a_password_change_ends_the_other_sessions_and_keeps_the_callers,
                of_two_password_changes_at_once_one_succeeds_and_keeps_its_session,
                a_password_change_needs_an_access_token_of_a_login_and_the_current_password,
                the_token_of_an_api_key_changes_no_password_and_ends_no_session,
            }
            sessions::{
                a_user_ends_all_sessions_and_the_cookies_are_deleted,
                a_user_ends_all_sessions_but_the_own,
                a_query_with_a_typing_error_ends_no_session,
                a_user_sees_their_sessions,
                a_user_ends_one_of_their_sessions_and_none_of_another_user,
                a_list_of_sessions_needs_an_access_token,
                a_user_of_another_issuer_sees_and_ends_no_session,
                a_token_without_a_session_ends_no_session_as_one_of_the_others,
            }
            keys::{
                a_key_opens_guarded_handlers_and_is_looked_up_once,
                requests_with_one_key_at_the_same_time_exchange_it_once,
                a_key_opens_no_more_than_its_scopes,
                a_key_that_ends_opens_nothing_from_then_on,
                a_key_that_is_unknown_or_mistyped_is_refused,
                while_the_store_is_down_a_key_is_answered_with_503_and_then_again,
                the_routes_of_sessions_neither_show_nor_end_a_key_and_refuse_its_tokens,
            }
            token::{
                a_password_is_exchanged_for_tokens_in_the_body,
                cookies_and_senders_decide_nothing_at_the_token_endpoint,
                a_name_is_looked_up_as_at_the_login,
                wrong_credentials_of_every_kind_get_one_response,
                a_refresh_token_is_rotated_and_a_reused_one_ends_the_session,
                a_refresh_token_that_is_not_valid_is_an_invalid_grant,
                a_wrong_request_gets_the_error_of_its_fault,
                hostile_forms_are_refused,
                a_scope_that_the_user_lacks_leaves_no_session_and_uses_up_no_token,
                the_metadata_of_each_issuer_names_its_endpoints,
                the_routes_of_clients_have_one_method,
            }
            token_clients::{
                an_api_key_is_exchanged_by_basic_and_in_the_body,
                an_api_key_gets_no_more_than_its_scopes,
                a_refused_api_key_is_an_invalid_client,
                a_client_with_a_secret_is_refused_at_the_grants_of_public_clients,
                authorization_headers_of_every_form_have_an_answer,
            }
            token_revocation::{
                a_refresh_token_ends_its_session_with_every_hint,
                an_access_token_ends_alone,
                an_api_key_ends_with_its_tokens,
                a_token_of_no_user_here_is_answered_and_revokes_nothing,
                a_revocation_without_a_token_is_an_invalid_request,
                while_the_store_is_down_a_revocation_must_be_repeated,
            }
            routes::{
                keys_are_published_without_private_parts,
                another_method_gets_the_list_of_allowed_ones,
                options_and_head_get_a_response,
            }
            resources::{
                the_metadata_of_a_resource_is_public,
                each_resource_has_its_metadata_at_its_own_url,
                another_path_or_query_has_no_metadata,
                the_metadata_is_read_only,
            }
        })+
    };
}

edges! { a_header_that_is_not_ascii_is_refused: actix, axum, bare, poem, poem_openapi, salvo, warp }
edges! { a_header_that_is_not_ascii_closes_the_connection: tiny_http }
edges! { a_header_that_is_not_utf8_is_dropped: rocket }
