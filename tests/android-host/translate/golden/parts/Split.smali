# Methods in parts of three instructions; Split.txt is what becomes of them.
.class public LSplit;
.super Ljava/lang/Object;

.field final n:I

# The first part stands in the constructor, up to where the receiver is made.
.method constructor <init>(IJ)V
    .registers 6
    if-nez p1, :given
    const/4 p1, 0x7
    :given
    invoke-direct {p0}, Ljava/lang/Object;-><init>()V
    long-to-int v0, p2
    add-int/2addr v0, p1
    iput v0, p0, LSplit;->n:I
    invoke-virtual {p0}, Ljava/lang/Object;->notify()V
    return-void
.end method

# The monitor is entered and left by what calls the parts; the handler is in another part than what throws.
.method held([Ljava/lang/Object;)F
    .registers 6
    const/4 v0, 0x0
    monitor-enter p0
    :start
    array-length v1, p1
    const/4 v2, 0x0
    :again
    if-ge v2, v1, :end
    aget-object v3, p1, v2
    invoke-virtual {v3}, Ljava/lang/Object;->hashCode()I
    move-result v3
    int-to-float v3, v3
    add-float/2addr v0, v3
    add-int/lit8 v2, v2, 0x1
    goto :again
    :end
    monitor-exit p0
    :stop
    .catchall {:start .. :stop} :any
    return v0
    :any
    move-exception v1
    monitor-exit p0
    throw v1
.end method
