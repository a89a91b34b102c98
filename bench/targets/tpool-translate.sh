# tpool with the mock as a Chat provider behind a Responses client: every request is translated.
T_PORT=9191
T_MODEL=mock/mock
T_DIA=responses
T_READY=/health
. "$(dirname "${BASH_SOURCE[0]}")/tpool-home.sh"
start() { tpool_home chat; exec "$TPOOL" serve --listen "127.0.0.1:$T_PORT"; }
