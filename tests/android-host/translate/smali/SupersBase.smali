.class public abstract LSupersBase;
.super Ljava/lang/Object;
.implements LSupersTop;

.method public constructor <init>()V
    .registers 1
    invoke-direct {p0}, Ljava/lang/Object;-><init>()V
    return-void
.end method
