//! The whole of what is served, put together.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, web};
use utoipa_actix_web::AppExt as _;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::middleware::{self, Limits, Unread};
use crate::openapi::Document;
use crate::routes;
use crate::settings::{Docs, Settings};

/// What all workers share.
#[derive(Clone)]
pub struct State {
    pub(crate) app: web::Data<confab_application::App>,
    pub(crate) settings: web::Data<Settings>,
    document: web::Data<Document>,
    limits: web::Data<Limits>,
    unread: web::Data<Unread>,
}

impl State {
    /// What serves these use-cases by these settings.
    pub fn new(app: confab_application::App, settings: Settings) -> Self {
        Self {
            app: web::Data::new(app),
            limits: web::Data::new(Limits::new(settings.rate_limit.as_ref())),
            unread: web::Data::new(Unread::new(settings.max_unread_bytes)),
            settings: web::Data::new(settings),
            document: web::Data::new(Document::new()),
        }
    }

    /// Gives back the memory that was needed for addresses which no longer call. To be called now and then.
    pub(crate) fn forget_rested_addresses(&self) {
        self.limits.forget_rested();
    }
}

/// One worker's service.
pub fn service(
    state: &State,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
    + use<>,
> {
    let ui = Config::default()
        .try_it_out_enabled(true)
        .persist_authorization(true)
        .display_request_duration(true)
        .validator_url("none");
    let (app, _) = App::new()
        .configure(|config| routes::fallback_of_spelled_out(config, &state.document))
        .into_utoipa_app()
        .configure(|config| routes::configure(config, &state.limits))
        .split_for_parts();
    app.app_data(state.app.clone())
        .app_data(state.settings.clone())
        .app_data(state.document.clone())
        .app_data(state.unread.clone())
        .app_data(state.limits.clone())
        .configure(|config| {
            if !matches!(state.settings.docs, Docs::Off) {
                let ui = SwaggerUi::new("/docs/{_:.*}").url("/api/openapi.json", state.document.0.clone()).config(ui);
                config.service(web::redirect("/docs", "/docs/")).service(ui);
            }
        })
        .default_service(web::to(routes::fallback))
        .wrap(from_fn(middleware::unread))
        .wrap(from_fn(middleware::docs))
        .wrap(middleware::cors(&state.settings.allowed_origins))
        .wrap(from_fn(middleware::outermost))
}
