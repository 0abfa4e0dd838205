.class public LRowsBase;
.super Ljava/lang/Object;

.field private final size:J

.method public constructor <init>(J)V
    .registers 3
    invoke-direct/range {p0 .. p0}, Ljava/lang/Object;-><init>()V
    iput-wide p1, p0, LRowsBase;->size:J
    return-void
.end method

.method public name(I)Ljava/lang/String;
    .registers 6
    iget-wide v0, p0, LRowsBase;->size:J
    int-to-long v2, p1
    add-long/2addr v0, v2
    invoke-static/range {v0 .. v1}, Ljava/lang/Long;->toString(J)Ljava/lang/String;
    move-result-object v0
    const-string v1, "base "
    invoke-virtual/range {v1 .. v1}, Ljava/lang/String;->length()I
    invoke-virtual {v1, v0}, Ljava/lang/String;->concat(Ljava/lang/String;)Ljava/lang/String;
    move-result-object v0
    return-object v0
.end method
