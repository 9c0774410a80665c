"""Reading mail: folders and messages of a person's mailbox.

learn.microsoft.com/graph/api/message-get, /graph/api/user-list-mailfolders. Apps need Mail.Read as an application
permission; a delegated token reads the mailbox of its person alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.sandbox.microsoft.errors import GraphError
from services.sandbox.microsoft.mailbox import Folder, Mailbox, Message
from services.sandbox.microsoft.operations import Context, operation
from services.sandbox.microsoft.views import stamp
from services.sandbox.wire.call import Reply

READ = ("Mail.Read", "Mail.ReadWrite")
MESSAGE_DEFAULT = (
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "categories",
    "receivedDateTime",
    "sentDateTime",
    "hasAttachments",
    "internetMessageId",
    "subject",
    "bodyPreview",
    "importance",
    "parentFolderId",
    "conversationId",
    "isDeliveryReceiptRequested",
    "isReadReceiptRequested",
    "isRead",
    "isDraft",
    "webLink",
    "inferenceClassification",
    "body",
    "sender",
    "from",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "replyTo",
    "flag",
)
MESSAGE_PROPERTIES = frozenset(MESSAGE_DEFAULT)
_FOLDER_DEFAULT = (
    "id",
    "displayName",
    "parentFolderId",
    "childFolderCount",
    "unreadItemCount",
    "totalItemCount",
    "sizeInBytes",
    "isHidden",
)


def need_mailbox(context: Context) -> tuple[str, Mailbox]:
    """The path's person and mailbox.

    Raises:
        GraphError: nobody, or somebody else's with a delegated token.
    """
    user = context.tenant.find_user(context.args["user"])
    if user is None:
        key = context.args["user"]
        raise GraphError(404, "ErrorInvalidUser", f"The requested user '{key}' is invalid.")
    own = context.token.person
    if own is not None and own.lower() not in {key.lower() for key in user.keys}:
        raise GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    return user.id, context.tenant.mailbox(user.id)


def need_folder(context: Context, mailbox: Mailbox) -> Folder:
    folder = mailbox.find_folder(context.args["folder"])
    if folder is None:
        raise _not_in_store()
    return folder


def _not_in_store() -> GraphError:
    return GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def message_view(message: Message, names: Sequence[str], *, immutable: bool) -> dict[str, Any]:
    known = {
        **message.fields,
        "id": message.shown_id(immutable=immutable),
        "changeKey": message.change_key,
        "parentFolderId": message.folder,
        "createdDateTime": stamp(message.created_at),
        "lastModifiedDateTime": stamp(message.changed_at),
    }
    shown = {"@odata.etag": message.etag, **{name: known[name] for name in names}}
    shown.setdefault("id", known["id"])
    return shown


@operation("GET", "users/{user}/messages/{message}", permissions=READ, query=("$select",))
def get_message(context: Context) -> Reply:
    user_id, mailbox = need_mailbox(context)
    names = context.selected(MESSAGE_PROPERTIES, MESSAGE_DEFAULT, "message")
    message = mailbox.find(context.args["message"])
    if message is None:
        raise _not_in_store()
    body = message_view(message, names, immutable=context.wants_immutable_ids)
    reply = context.entity(body, f"users('{user_id}')/messages/$entity")
    if context.wants_immutable_ids:
        reply.headers += (("preference-applied", 'IdType="ImmutableId"'),)
    return reply


@operation("GET", "users/{user}/mailFolders", permissions=READ, query=("$select", "$top"))
def list_folders(context: Context) -> Reply:
    user_id, mailbox = need_mailbox(context)
    names = context.selected(frozenset(_FOLDER_DEFAULT), _FOLDER_DEFAULT, "mailFolder")
    return context.page(
        list(mailbox.folders.values()),
        f"users('{user_id}')/mailFolders",
        lambda folder: _folder_view(mailbox, folder, names),
        default=10,
    )


@operation("GET", "users/{user}/mailFolders/{folder}", permissions=READ, query=("$select",))
def get_folder(context: Context) -> Reply:
    user_id, mailbox = need_mailbox(context)
    names = context.selected(frozenset(_FOLDER_DEFAULT), _FOLDER_DEFAULT, "mailFolder")
    body = _folder_view(mailbox, need_folder(context, mailbox), names)
    return context.entity(body, f"users('{user_id}')/mailFolders/$entity")


def _folder_view(mailbox: Mailbox, folder: Folder, names: Sequence[str]) -> dict[str, Any]:
    known = {
        "id": folder.id,
        "displayName": folder.name,
        "parentFolderId": "root",
        "childFolderCount": 0,
        "unreadItemCount": mailbox.count(folder, unread=True),
        "totalItemCount": mailbox.count(folder),
        "sizeInBytes": 0,
        "isHidden": False,
    }
    return {"id": folder.id, **{name: known[name] for name in names}}
